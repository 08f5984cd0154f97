//! The one error of the library, with predicates instead of public variants.
//!
//! An error text names the place (source, line, field) and what to do, and never an identifier's value.

use std::{fmt, io};

/// The result of this library's fallible calls.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
///
/// The text is for people; programs ask [`kind`](Error::kind). Causes are reachable through
/// [`std::error::Error::source`]. No text of this type holds an identifier's value.
///
/// ```
/// use stitchline::{ErrorKind, Timestamp};
///
/// let error = "yesterday".parse::<Timestamp>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    field: Option<String>,
    message: String,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a caller can decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value given by the caller or a file cannot be taken. Nothing was changed.
    InvalidInput,
    /// The policy contradicts itself or has an unknown or out-of-range field.
    InvalidPolicy,
    /// What was asked for is not there.
    NotFound,
    /// A store was written by a newer version of this library.
    NewerFormat,
    /// A store's content is damaged.
    Corrupt,
    /// The store failed to read or write. What was acknowledged before is safe.
    Storage,
    /// The store is open elsewhere.
    Locked,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, field: None, message: message.into(), cause: None }))
    }

    /// A value that cannot be taken.
    pub fn invalid(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidInput, message)
    }

    /// Names the field that the error is about; an outer name goes before an inner one.
    #[must_use]
    pub fn in_field(mut self, field: impl fmt::Display) -> Self {
        self.0.field = Some(match self.0.field.take() {
            Some(inner) => format!("{field}.{inner}"),
            None => field.to_string(),
        });
        self
    }

    /// Says before the reason what it is the reason for.
    pub(crate) fn about(mut self, what: impl fmt::Display) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    /// Says behind the reason where in a text it is.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.0.message = format!("{} ({place})", self.0.message);
        self
    }

    /// Keeps what caused the error.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// What a caller can decide on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The field that the error is about, if it is about one (`participants.0.phone`).
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The reason without the field.
    pub fn reason(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.0.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}

/// What is wrong with the bytes of a file, as the cause of an [`io::Error`].
#[derive(Debug)]
pub(crate) struct Damaged(pub(crate) &'static str);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Damaged {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        // What this library says of data goes as it is; what a system says may show more than it should.
        let message = match error.get_ref() {
            Some(inner) if inner.is::<Damaged>() => inner.to_string(),
            _ => format!("input or output failed ({})", error.kind()),
        };
        Error::new(ErrorKind::Storage, message).because(error)
    }
}
