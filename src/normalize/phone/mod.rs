//! Phone numbers in international form (national forms follow).

use std::{fmt, str::FromStr};

/// A region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region([u8; 2]);

impl FromStr for Region {
    type Err = PhoneError;
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        match text.to_ascii_uppercase().as_bytes() {
            &[a, b] => Ok(Region([a, b])),
            _ => Err(PhoneError::UnknownCountry),
        }
    }
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneError {
    /// Region.
    UnknownCountry,
    /// Invalid.
    Invalid,
}

impl fmt::Display for PhoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not a valid phone number")
    }
}

impl std::error::Error for PhoneError {}

/// A valid number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// E.164.
    pub fn e164(&self) -> &str {
        &self.0
    }
}

/// Parses international form.
///
/// # Errors
/// Where it is none.
pub fn parse(raw: &str, _region: Option<Region>) -> Result<PhoneNumber, PhoneError> {
    let text = raw.replace("(0)", "");
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.trim().starts_with('+') && (8..=15).contains(&digits.len()) {
        Ok(PhoneNumber(format!("+{digits}")))
    } else {
        Err(PhoneError::Invalid)
    }
}
