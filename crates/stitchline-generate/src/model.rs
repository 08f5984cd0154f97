//! The plain records of a run: customers, records and interactions, as they stand in the CSV files.

use crate::Country;
use crate::time::{Date, Stamp};

/// The system that a record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The customer relationship system: typed in with care, sometimes long ago.
    Crm,
    /// The form before a web chat: short, typed by the customer.
    WebChat,
    /// The telephone desk: names by ear, numbers by caller id.
    Phone,
    /// Received e-mail.
    Email,
    /// The till: scanned and upper case, dates in the local order.
    Pos,
}

impl Source {
    /// Every source, in the order of their declaration.
    pub const ALL: [Source; 5] = [Source::Crm, Source::WebChat, Source::Phone, Source::Email, Source::Pos];

    /// The name in the files.
    ///
    /// # Example
    /// ```
    /// assert_eq!(stitchline_generate::Source::WebChat.name(), "web_chat");
    /// ```
    pub fn name(self) -> &'static str {
        ["crm", "web_chat", "phone", "email", "pos"][self as usize]
    }
}

/// One customer as they really are; nothing of this is in the files that a system under test reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The true identity that every truth file refers to.
    pub true_id: String,
    /// The household that the customer lives in.
    pub household_id: String,
    /// The employer, empty when there is none.
    pub employer_id: String,
    /// The first name.
    pub first_name: String,
    /// The surname at birth.
    pub surname: String,
    /// `f` or `m`.
    pub sex: &'static str,
    /// The date of birth.
    pub dob: Date,
    /// The country.
    pub country: Country,
}

/// One record about one customer, with the errors of its source. A value that is missing is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// The id, unique among all records of the run.
    pub id: String,
    /// The system that it comes from.
    pub source: Source,
    /// The first name, a short form or an initial.
    pub first_name: String,
    /// The surname.
    pub surname: String,
    /// The date of birth: `YYYY-MM-DD`, at tills in the local order.
    pub dob: String,
    /// The e-mail address.
    pub email: String,
    /// The telephone number as it was written.
    pub phone: String,
    /// Street and number.
    pub street: String,
    /// The city.
    pub city: String,
    /// The postcode.
    pub postcode: String,
    /// The country.
    pub country: Country,
    /// When the source wrote the record.
    pub updated_at: Stamp,
    /// Whose record it is. Kept out of the blind file.
    pub true_id: String,
    /// The errors and hard cases in it, for the analysis of failures.
    pub tags: Vec<&'static str>,
}

/// One contact as a flat line: when, by which channel, and the one identifier that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interaction {
    /// The id, unique among all interactions of the run.
    pub id: String,
    /// `crm_note`, `chat`, `voice`, `email` or `store`.
    pub channel: &'static str,
    /// `inbound` or `outbound`.
    pub direction: &'static str,
    /// When it began.
    pub started_at: Stamp,
    /// How long it took, in seconds; 0 where the channel knows no duration.
    pub duration_s: u32,
    /// What `id_value` is: `phone`, `email`, `user_id`, or `record` for the id of a record.
    pub id_type: &'static str,
    /// The identifier as it was seen.
    pub id_value: String,
    /// Whose contact it was.
    pub true_id: String,
}
