//! One customer, one line: stitches the identifiers that a person leaves on every channel (phone, web chat, e-mail,
//! cookie, CRM id) into customers, each with a timeline, reasons and undo.
//!
//! The promise: customers and their ids are a pure function of what was put in. The order of arrival, batches,
//! repetitions and restarts change nothing; what is deleted leaves what there would be had it never come; every id ever
//! handed out still leads to the customers for whom it stood.
//!
//! ```
//! use stitchline::{Channel, Engine, Identifier, Interaction, Policy, Record};
//!
//! let engine = Engine::in_memory(Policy::default())?;
//! engine.ingest(
//!     Record::new("crm", "003-881", "2026-02-01T09:00:00Z".parse()?)
//!         .identified_by(Identifier::email("ann.lee@example.com")?)
//!         .identified_by(Identifier::phone("+44 20 7946 0123")?),
//! )?;
//! engine.ingest(
//!     Interaction::new("webchat", "conv-881", "2026-03-01T10:02:00Z".parse()?)
//!         .channel(Channel::Chat)
//!         .identified_by(Identifier::email(" Ann.Lee@Example.com")?),
//! )?;
//!
//! let caller = engine.resolve(&Identifier::phone("+44 (0)20 7946 0123")?)?;
//! let id = caller.customer().expect("one customer has this number");
//! let page = engine.timeline(id).newest_first().page(50)?;
//! assert_eq!(page.items[0].channel(), &Channel::Chat);
//! # Ok::<(), stitchline::Error>(())
//! ```
//!
//! # The nouns
//!
//! | noun | what it is |
//! | --- | --- |
//! | [`Record`] | what one source says of one party, by (source, id), with identifiers, facts and attributes |
//! | [`Identifier`] | a [`Namespace`] and a canonical value: `phone:+442079460123`, `email:ann.lee@example.com` |
//! | [`Interaction`] | something that happened at a time on a [`Channel`], with participants; by (source, id) |
//! | [`Assertion`] | a person's word that two records are one customer, or are not |
//! | [`Relation`] | a stated tie between two records, such as membership of an account; never a reason to merge |
//! | [`Policy`] | what a deployment decides: weights, guards, thresholds, normalising |
//! | [`MatchWeight`] | the strength of evidence, in bits |
//! | [`CustomerId`] | the id of a customer, which is a set of records |
//! | [`Engine`] | takes [`Input`]s and answers |
//!
//! # How it decides
//!
//! Evidence is on one scale: bits, the log2 of a Bayes factor. Two records of which nothing is known start at the
//! policy's prior (-20); a shared identifier adds the weight of its namespace (a login 36, an address 28, a number 26),
//! less where several parties share the value; a conflict of given names or of dates of birth takes away. From the link
//! threshold (+4, a probability of .94) on, two clusters of records are joined.
//!
//! Evidence is applied strongest first, and each step asks guards: a person's word "different"; a person against an
//! organisation; an exclusive namespace exceeded (two CRM ids are two customers); too little weight after all that
//! speaks against; an identifier that too many parties share; a cluster that would fit several that are kept apart.
//! What identifies nobody stays unresolved, with the candidates and their probabilities.
//!
//! `docs/DESIGN.md` in the repository has the procedure to the letter. [`policy`] has every figure with its default.
//!
//! # What it does not do
//!
//! It compares no names or addresses to find matches; names and dates of birth only speak against one. It has no
//! network protocol and no access control. One process owns a database file. A deleted input no longer counts, and its
//! bytes stay in the log until [`Engine::compact`] takes them out or [`Engine::erase`] erases the person.
//!
//! # Cookbook
//!
//! **Keep it on disk.** [`Engine::open`] makes the file or opens it. A call that returned is on disk. An engine is
//! `Send + Sync` and cheap to clone; readers never wait for the writer.
//!
#![cfg_attr(feature = "embedded", doc = "```")]
#![cfg_attr(not(feature = "embedded"), doc = "```ignore")]
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("crm.stitchline");
//! use stitchline::{Engine, Policy};
//!
//! let policy = Policy::from_toml(r#"
//!     project = "6b1f0d5e-3a86-4a51-9d0a-4a1f6f1c7d11"   # your own, random, and kept for good
//!     default_region = "GB"                              # 020 7946 0123 is a British number
//!     [namespaces.loyalty]
//!     weight_bits = 30.0
//!     exclusive = { most = 1 }
//! "#)?;
//! let engine = Engine::open_with(path, policy)?;
//! # drop(engine);
//! # Ok::<(), stitchline::Error>(())
//! ```
//!
//! **Load files.** [`ingest::Reader`](crate::ingest) recognises Segment, Genesys Cloud, CloudEvents, Senzing, CSV and
//! the library's own lines. A bad line is an item like any other.
//!
#![cfg_attr(feature = "adapters", doc = "```")]
#![cfg_attr(not(feature = "adapters"), doc = "```ignore")]
//! use stitchline::{Engine, Policy, ingest::{Item, Options, Reader}};
//!
//! let engine = Engine::in_memory(Policy::default())?;
//! let csv = "id,email,phone\n1,ann.lee@example.com,+44 20 7946 0123\n2,bob@example.com\n";
//! let mut inputs = Vec::new();
//! for item in Reader::new(csv.as_bytes(), "crm.csv", engine.normalizer(), Options::default())? {
//!     match item {
//!         Item::Input(input) => inputs.push(input),
//!         Item::Rejected(rejected) => eprintln!("{rejected}"),
//!     }
//! }
//! for outcome in engine.ingest_all(inputs)? {
//!     outcome?;
//! }
//! assert_eq!(engine.stats()?.stated_records, 1);
//! # Ok::<(), stitchline::Error>(())
//! ```
//!
//! **Normalise what people type.** [`Identifier`]'s constructors follow the rules that everyone shares; the engine's
//! [`Normalizer`] follows the policy.
//!
//! ```
//! use stitchline::{Engine, Policy};
//!
//! let engine = Engine::in_memory(Policy { default_region: Some("GB".into()), ..Policy::default() })?;
//! let phone = engine.normalizer().phone("020 7946 0123", None)?;
//! assert_eq!(phone.to_string(), "phone:+442079460123");
//! assert!(engine.normalizer().email("test@test.com").is_err());
//! # Ok::<(), stitchline::Error>(())
//! ```
//!
//! **Say who called.** The answer is one customer, several, or nobody; a caller's number and what they state count
//! together.
//!
//! ```
//! use stitchline::{Engine, Identifier, Policy, Record, engine::Resolution};
//!
//! let engine = Engine::in_memory(Policy::default())?;
//! let landline = Identifier::phone("+44 20 7946 0188")?;
//! for (id, name) in [("C-1", "Bob"), ("C-2", "Carol")] {
//!     engine.ingest(
//!         Record::new("crm", id, "2026-01-01T00:00:00Z".parse()?)
//!             .identified_by(Identifier::crm(id)?)
//!             .identified_by(Identifier::name(name, "Stone").expect("a name"))
//!             .identified_by(landline.clone()),
//!     )?;
//! }
//! assert!(matches!(engine.resolve(&landline)?, Resolution::Several { .. }));
//! let stated = [landline, Identifier::crm("C-2")?];
//! assert!(engine.resolve_all(&stated)?.customer().is_some());
//! # Ok::<(), stitchline::Error>(())
//! ```
//!
//! **Ask why.** [`Engine::explain`] takes two records, identifiers or customers and gives an [`Explanation`], which
//! prints in words and serialises for programs.
//!
//! **Correct it.** [`Engine::assert_same`] and [`Engine::assert_different`] take records, identifiers or customers;
//! [`Engine::retract_assertion`] undoes them, [`Engine::delete_record`] and [`Engine::delete_interaction`] undo inputs.
//!
//! **Follow ids.** A system that stores customer ids reads [`Engine::changes`] from the number after the last entry it
//! has seen. [`Engine::customer`] says whom an old id stands for.
//!
//! **Ask what was known.** [`Engine::resolve_as_of`] and
//! [`TimelineRequest::as_of`](engine::TimelineRequest::as_of) answer as at an earlier time.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `adapters` | yes | the module `ingest` and the formats of other systems (`serde_json`, `flate2`, `memchr`) |
//! | `embedded` | yes | the store in one file on disk, [`Engine::open`] (`redb`) |
//!
//! Without features the engine runs in memory or on a [`store::Store`] of your own.

mod ahead;
pub mod block;
pub mod cluster;
pub mod compare;
mod cow;
pub mod customer;
#[cfg(feature = "adapters")]
mod delimited;
pub mod engine;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod graph;
pub mod identifier;
#[cfg(feature = "adapters")]
pub mod ingest;
pub mod link;
pub mod model;
pub mod normalize;
pub mod policy;
pub mod record;
pub mod report;
pub mod settings;
pub mod similarity;
#[cfg(feature = "adapters")]
pub mod splink;
pub mod store;
pub mod strategy;
pub mod table;
pub mod timeline;
pub mod weight;

pub use customer::CustomerId;
pub use engine::Engine;
pub use error::{Error, ErrorKind, Result};
pub use explain::{Explanation, Refusal};
pub use identifier::Normalizer;
pub use policy::{EmailPolicy, Exclusive, NamespacePolicy, Policy, RetentionPolicy};
pub use record::{
    Assertion, Attributes, Channel, Claim, Direction, Identifier, Input, Interaction, InteractionKey,
    Namespace, Participant, PartyKind, Record, RecordKey, Relation, Role, Timestamp, Value, Verdict,
    Verification,
};
pub use weight::MatchWeight;

/// The README's example, so that it is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
