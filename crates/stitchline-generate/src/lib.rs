//! A seedable generator of contact-centre data with known truth: customers of four countries, their records in
//! five systems, their web events, conversations and other contacts, with the errors and the coincidences that
//! make identity hard.
//!
//! # Write a folder
//! ```
//! use stitchline_generate::{Config, Size, write_folder};
//!
//! let folder = tempfile::tempdir()?;
//! let config = Config { seed: 42, size: Size::Records(1_000), ..Config::default() };
//! let summary = write_folder(&config, folder.path())?;
//! println!("{} records of {} customers", summary.records, summary.customers);
//! # assert!(summary.records >= 1_000);
//! # Ok::<(), std::io::Error>(())
//! ```
//! [`write_folder`] lists the files. To take the data without files, implement [`Sink`] and run a [`Generator`].
//! For benchmarks of ingestion, [`events`] is an endless stream of contacts in memory, already parsed.
//!
//! # What makes it hard
//! * **Things shared.** Landlines, family inboxes, tablets with several logins and anonymous browsing in between,
//!   switchboards and inboxes of employers.
//! * **People alike.** Twins with one surname, date of birth, address and landline; children with their parent's name.
//! * **Things that change.** Names, addresses, mobile numbers (given to somebody else after 90 days), e-mail
//!   addresses, cookies; and systems that hold the old value.
//! * **Errors.** Slips of the keyboard, scanners, listeners, nicknames, initials, swapped names, wrong dates.
//! * **Writing.** National and international numbers, "(0)", "00", upper case, plus tags.
//! * **Values that are none.** `null`, `none`, `0000000000`, `test@test…`, `1900-01-01`, withheld numbers.
//! * **The centre's own.** Numbers and addresses of agents and hot lines in the same fields as the customers'.
//!
//! Each is counted in the [`Summary`]; [`HARD_CASES`] describes the counts.
//!
//! # Guarantees
//! * The same [`Config`] gives the same bytes on every machine: there is no clock, no order of hashing and no
//!   mathematical function of the platform in it.
//! * Web events, conversations and CloudEvents each have their own random numbers: asking for more of one kind
//!   changes neither the people nor their records.
//! * Memory does not grow with the output, except for about 150 bytes per customer that keep numbers and addresses
//!   unique. Sorting goes over temporary files in the output folder.
//!
//! # What it does not do
//! It does not model how people speak or write: there are no transcripts. Postcodes have the form of their country
//! but are not those of the city.

mod browsing;
mod cloudevents;
mod config;
mod conversations;
mod country;
mod email;
mod folder;
mod generator;
pub mod genesys;
mod ids;
mod lists;
mod model;
mod noise;
mod people;
mod phone;
mod place;
mod records;
mod registry;
mod rng;
pub mod segment;
mod sink;
mod sorted;
mod staff;
mod stream;
mod summary;
mod time;

pub use cloudevents::{CloudData, CloudEvent, CustomerIds};
pub use config::{Config, Size};
pub use country::Country;
pub use folder::write_folder;
pub use generator::Generator;
pub use genesys::Conversation;
pub use model::{Customer, Interaction, PersonRecord, Source};
pub use segment::{WebEvent, WebEventKind};
pub use sink::Sink;
pub use stream::{ContactEvent, ContactSource, Events, IdKind, events};
pub use summary::{HARD_CASES, Summary};
pub use time::{Date, Stamp};
