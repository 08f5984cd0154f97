//! Phone numbers: from any way of writing one to E.164.
//!
//! [`parse`] answers what Google's libphonenumber answers to `parse`, `is_valid_number` and
//! `format(E164)`, from the same metadata (release 9.0.43, Apache-2.0), which
//! `tools/phone_metadata.py` compiles into automata of about 80 KB.  Parsing does not
//! allocate.
//!
//! The number plan of a country says which numbers can exist.  A valid number need not be
//! assigned to anybody.

mod resolve;
mod scan;
mod table;

use scan::Digits;
use std::fmt;
use std::str::FromStr;

/// A valid phone number in its international form.
///
/// Two values are equal when number and extension are.
///
/// ```
/// use stitchline::normalize::phone::{PhoneKind, Region, parse};
///
/// let region: Region = "gb".parse()?;
/// let number = parse("(0) 20 7946 0018 ext. 4", Some(region))?;
/// assert_eq!(number.e164(), "+442079460018");
/// assert_eq!(number.extension(), Some("4"));
/// assert_eq!(number.region(), Some(region));
/// assert_eq!(number.kind(), PhoneKind::FixedLine);
///
/// // With a calling code, the default region does not matter.
/// assert_eq!(parse("tel:+44-20-7946-0018", None)?.e164(), "+442079460018");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber {
    e164: Short<21>,
    extension: Short<{ scan::MAX_EXTENSION }>,
    region: Option<Region>,
    kind: PhoneKind,
}

impl PhoneNumber {
    /// The number in the form of ITU-T E.164: a plus sign, the calling code and the national
    /// number, at most 21 characters, without the extension.
    pub fn e164(&self) -> &str {
        self.e164.as_str()
    }

    /// The extension behind the number in ASCII digits, at most 20 of them.
    pub fn extension(&self) -> Option<&str> {
        Some(self.extension.as_str()).filter(|extension| !extension.is_empty())
    }

    /// The region whose numbering plan holds the number.  `None` for services that belong to
    /// no region, such as international toll-free numbers (+800).
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// What the number is used for.
    pub fn kind(&self) -> PhoneKind {
        self.kind
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneNumber")
            .field("e164", &self.e164())
            .field("extension", &self.extension())
            .field("region", &self.region)
            .field("kind", &self.kind)
            .finish()
    }
}

/// What a phone number is used for, as its first digits tell.
///
/// The names and their meaning are those of libphonenumber's `PhoneNumberType`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum PhoneKind {
    /// A mobile phone.
    Mobile,
    /// A line at a fixed place.
    FixedLine,
    /// One of the two: some plans, such as that of the United States, do not tell them apart.
    FixedOrMobile,
    /// Free of charge for the caller.
    TollFree,
    /// Charged above the usual rate.
    PremiumRate,
    /// The caller and the called share the charge.
    SharedCost,
    /// Telephony over the Internet.
    Voip,
    /// A number that follows a person from line to line.
    Personal,
    /// A pager.
    Pager,
    /// A universal access number: one number for a whole company.
    Uan,
    /// Access to a voice mailbox.
    Voicemail,
    /// None of the above.
    Unknown,
}

/// Why a text is no valid phone number.  The message never shows the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum PhoneError {
    /// There is nothing but white space.
    Empty,
    /// There is no digit.
    NoDigits,
    /// There are more than 250 characters, or more digits than a number of the country has.
    TooLong,
    /// There are fewer digits than a number of the country has, or the area code is missing.
    TooShort,
    /// There is no calling code (and no default region), or nobody has that calling code.
    UnknownCountry,
    /// There are digits, but also letters or signs that no phone number has.
    NotANumber,
    /// The country has no such numbers.
    Invalid,
}

impl fmt::Display for PhoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PhoneError::Empty => "the phone number is empty",
            PhoneError::NoDigits => "the phone number has no digits",
            PhoneError::TooLong => "the phone number is too long",
            PhoneError::TooShort => "the phone number is too short",
            PhoneError::UnknownCountry => "the country of the phone number is unknown",
            PhoneError::NotANumber => "the text is not a phone number",
            PhoneError::Invalid => "the phone number does not fit the number plan of its country",
        })
    }
}

impl std::error::Error for PhoneError {}

/// A region by its ISO 3166-1 alpha-2 code, such as `GB`.
///
/// Any two letters are accepted; libphonenumber also uses the codes `AC`, `TA` and `XK`,
/// which ISO 3166 does not assign.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region([u8; 2]);

impl Region {
    /// The code in capital letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether numbers in national form can be read there: `GB` is known, `UK` is not.
    pub fn is_known(self) -> bool {
        table::Plan::of_region(self).is_some()
    }
}

impl FromStr for Region {
    type Err = RegionError;

    /// Takes two ASCII letters of either case, without white space around them.
    fn from_str(code: &str) -> Result<Region, RegionError> {
        match code.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Region([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(RegionError),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Region").field(&self.as_str()).finish()
    }
}

/// A region code that is not two letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RegionError;

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a region code is two letters of ISO 3166")
    }
}

impl std::error::Error for RegionError {}

/// Finds the phone number in `raw` and brings it into its international form.
///
/// `default_region` is where the number would be dialled from: it gives the calling code and
/// the prefixes of a number that has no plus sign.  Numbers are understood in national and
/// international form, with punctuation, digits of any script, vanity letters, extensions,
/// and as `tel:` URIs (RFC 3966).  Text before the number is skipped.
///
/// The result, parsed again, is itself, with one known exception taken over from libphonenumber:
/// numbers of Belarus that begin with 810, since 8 is also the national prefix there.
///
/// # Errors
///
/// See [`PhoneError`]; everything that libphonenumber cannot parse, or parses but does not
/// consider valid, is an error.  No input panics, and the time is bounded since input of
/// more than 250 characters is refused.
///
/// ```
/// use stitchline::normalize::phone::{PhoneError, parse};
///
/// let us = "US".parse().ok();
/// assert_eq!(parse("1-800-FLOWERS", us)?.e164(), "+18003569377");
/// assert_eq!(parse("011 44 20 7946 0018", us)?.e164(), "+442079460018");
/// assert_eq!(parse("555-0100", us), Err(PhoneError::TooShort));
/// assert_eq!(parse("020 7946 0018", None), Err(PhoneError::UnknownCountry));
/// # Ok::<(), PhoneError>(())
/// ```
pub fn parse(raw: &str, default_region: Option<Region>) -> Result<PhoneNumber, PhoneError> {
    let mut buffers = [const { Digits::new() }; 3];
    let [digits, first, second] = &mut buffers;
    let scanned = scan::scan(raw, digits)?;
    let found = resolve::resolve(digits.as_slice(), scanned.plus, default_region, [first, second])?;
    let mut number = PhoneNumber {
        e164: Short::new(),
        extension: scanned.extension,
        region: found.region,
        kind: found.kind,
    };
    number.e164.extend(b"+");
    for unit in [100, 10, 1] {
        if found.code >= unit {
            number.e164.extend(&[b'0' + (found.code / unit % 10) as u8]);
        }
    }
    number.e164.extend(found.national);
    Ok(number)
}

/// A short ASCII string without a heap allocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Short<const N: usize> {
    // Bytes behind `len` stay 0, so that derived comparison is right.
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Short<N> {
    fn new() -> Self {
        Short { bytes: [0; N], len: 0 }
    }

    /// Appends ASCII if there is room.
    #[inline]
    fn extend(&mut self, ascii: &[u8]) {
        let from = usize::from(self.len);
        if let Some(free) = self.bytes.get_mut(from..from + ascii.len()) {
            free.copy_from_slice(ascii);
            self.len += ascii.len() as u8;
        }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
