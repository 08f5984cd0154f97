//! How a verb ends: a status with its exit code, or a failure with a message and what to do next.

use std::{fmt, io};
use stitchline::{Error, ErrorKind};

/// The result of everything that can fail here.
pub(crate) type Done<T = ()> = Result<T, Failure>;

/// How a verb that ran to its end went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// All went well.
    Good,
    /// Some of it did not; that has been said already.
    Failed,
    /// Some lines were rejected.
    SomeRejected,
}

impl Status {
    /// Of a run that came to its end, with so many lines or rows rejected.
    pub(crate) fn of_rejected(rejected: u64) -> Self {
        if rejected > 0 { Status::SomeRejected } else { Status::Good }
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            Status::Good => 0,
            Status::Failed => 1,
            Status::SomeRejected => 3,
        }
    }
}

/// Why a verb ended early. Nothing in it shows an identifier that the user did not type.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    next: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Failed,
    Usage,
    /// Who reads the output has seen enough.
    Closed,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Failure { kind: Kind::Failed, message: message.into(), next: None }
    }

    /// The command does not make sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure { kind: Kind::Usage, message: message.into(), next: None }
    }

    /// Says what to do next.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Puts what it happened to before the message.
    pub(crate) fn about(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.kind == Kind::Closed
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Closed => 0,
        }
    }

    /// Prints the message on standard error.
    pub(crate) fn report(&self) {
        use io::Write;
        if self.is_closed() {
            return;
        }
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "error: {}", self.message);
        if let Some(next) = &self.next {
            let _ = writeln!(err, "{next}");
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => {
                Failure { kind: Kind::Closed, message: "the output was closed".into(), next: None }
            }
            _ => Failure::new(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Failure::from(io::Error::from(error))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut message = error.to_string();
        if matches!(error.kind(), ErrorKind::Storage | ErrorKind::Corrupt)
            && let Some(cause) = std::error::Error::source(&error)
        {
            message = format!("{message}: {cause}");
        }
        let failure = Failure::new(message);
        match error.kind() {
            ErrorKind::InvalidPolicy => {
                failure.next("Look at a whole policy with its defaults: stitchline policy show")
            }
            ErrorKind::Corrupt => failure.next("Restore the file from a copy, or ingest the sources anew."),
            ErrorKind::Storage => failure.next("What was ingested before is safe; run the command again."),
            _ => failure,
        }
    }
}
