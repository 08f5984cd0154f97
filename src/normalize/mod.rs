//! Raw text to canonical values: identifiers, facts and attributes, and what is junk.
//!
//! Every function takes text as a source sent it and returns the canonical form or the reason why there is none. Null
//! is none: what stands for nothing has no value.
//!
//! | attribute | what gives its comparable parts |
//! | --- | --- |
//! | a person's name, whole or in columns | [`person::PersonName`], [`nickname::share`], [`script::latin`], [`pinyin::latin`] |
//! | a date | [`date::read`], with the column's style by [`date::Survey`] |
//! | an address, in one line or in columns | [`address::Address`], [`address::city`], [`address::postcode`] |
//! | an organisation | [`organisation::Organisation`] |
//! | an e-mail address | [`email::compared`], [`email::parts`] |
//! | a number, category, list, text | [`value`] |

pub mod address;
pub mod birth;
pub mod date;
pub mod email;
pub mod fold;
pub mod junk;
pub mod name;
pub mod nickname;
pub mod opaque;
pub mod organisation;
pub mod person;
pub mod phone;
pub mod pinyin;
pub mod script;
pub mod value;
