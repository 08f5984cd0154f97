//! Where generated things go: one method per kind, each of which does nothing unless implemented.

use crate::{CloudEvent, Conversation, Customer, Interaction, PersonRecord, WebEvent};
use std::io;

/// Receives everything that a [`Generator`](crate::Generator) makes, household by household.
///
/// Within a run the order is that of the households, not of time: a sink that writes files for others to read
/// has to sort, or the neighbourhood of two records gives the truth away. [`write_folder`](crate::write_folder) does.
///
/// # Example
/// ```
/// use stitchline_generate::{Config, Generator, PersonRecord, Sink, Size};
///
/// #[derive(Default)]
/// struct Emails(Vec<String>);
/// impl Sink for Emails {
///     fn record(&mut self, r: &PersonRecord) -> std::io::Result<()> {
///         self.0.push(r.email.clone());
///         Ok(())
///     }
/// }
///
/// let mut emails = Emails::default();
/// let config = Config { size: Size::Records(100), ..Config::default() };
/// let summary = Generator::new(&config).households(&mut emails)?;
/// assert_eq!(summary.records, emails.0.len() as u64);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Sink {
    /// Takes a customer as they really are, before anything else of theirs.
    fn customer(&mut self, _customer: &Customer) -> io::Result<()> {
        Ok(())
    }
    /// Takes a record.
    fn record(&mut self, _record: &PersonRecord) -> io::Result<()> {
        Ok(())
    }
    /// Takes a Segment event.
    fn event(&mut self, _event: &WebEvent) -> io::Result<()> {
        Ok(())
    }
    /// Takes a Genesys Cloud conversation.
    fn conversation(&mut self, _conversation: &Conversation) -> io::Result<()> {
        Ok(())
    }
    /// Takes a CloudEvent.
    fn cloud_event(&mut self, _event: &CloudEvent) -> io::Result<()> {
        Ok(())
    }
    /// Takes a line of the interactions file.
    fn interaction(&mut self, _interaction: &Interaction) -> io::Result<()> {
        Ok(())
    }
}

/// A sink that keeps nothing, for runs that only want the [`Summary`](crate::Summary).
impl Sink for () {}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Config, Generator, Size, Summary};

    /// Keeps everything, for tests.
    #[derive(Debug, Default, PartialEq)]
    pub(crate) struct Everything {
        pub(crate) customers: Vec<Customer>,
        pub(crate) records: Vec<PersonRecord>,
        pub(crate) events: Vec<WebEvent>,
        pub(crate) conversations: Vec<Conversation>,
        pub(crate) cloud_events: Vec<CloudEvent>,
        pub(crate) interactions: Vec<Interaction>,
    }

    impl Sink for Everything {
        fn customer(&mut self, c: &Customer) -> io::Result<()> {
            self.customers.push(c.clone());
            Ok(())
        }
        fn record(&mut self, r: &PersonRecord) -> io::Result<()> {
            self.records.push(r.clone());
            Ok(())
        }
        fn event(&mut self, e: &WebEvent) -> io::Result<()> {
            self.events.push(e.clone());
            Ok(())
        }
        fn conversation(&mut self, c: &Conversation) -> io::Result<()> {
            self.conversations.push(c.clone());
            Ok(())
        }
        fn cloud_event(&mut self, e: &CloudEvent) -> io::Result<()> {
            self.cloud_events.push(e.clone());
            Ok(())
        }
        fn interaction(&mut self, i: &Interaction) -> io::Result<()> {
            self.interactions.push(i.clone());
            Ok(())
        }
    }

    /// A run of about three thousand customers.
    pub(crate) fn run() -> (Everything, Summary) {
        let config = Config { size: Size::Customers(3_000), ..Config::default() };
        let mut all = Everything::default();
        let summary = Generator::new(&config).households(&mut all).unwrap();
        (all, summary)
    }

    #[test]
    fn a_sink_may_ignore_everything() {
        let config = Config { size: Size::Customers(3_000), ..Config::default() };
        assert_eq!(Generator::new(&config).households(&mut ()).unwrap(), run().1);
    }
}
