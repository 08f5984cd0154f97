//! What to generate: the seed, the size and the rates, with documented defaults.

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Stop after the household with which at least so many records exist.
    Records(u64),
    /// Stop after the household with which at least so many customers exist.
    Customers(u64),
}

/// Everything that decides what is generated. Equal configurations give equal bytes on every machine.
///
/// The people and their records depend on `seed`, `size`, `noise` and `safe_domains` alone: more web events or
/// more conversations change no record.
///
/// # Example
/// ```
/// use stitchline_generate::{Config, Size};
///
/// let config = Config { size: Size::Customers(500), seed: 7, ..Config::default() };
/// assert_eq!(config.noise, 1.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Chooses the world that is generated. Default: 1.
    pub seed: u64,
    /// When to stop. Default: 10,000 records.
    pub size: Size,
    /// Multiplies the rate of every error (typing, reading, hearing, dates, junk); 0 gives clean data. Default: 1.
    pub noise: f64,
    /// The mean number of Segment events per customer; 0 writes none. Default: 4.
    pub events_per_customer: f64,
    /// The mean number of Genesys Cloud conversations per customer; 0 writes none. Default: 0.6.
    pub conversations_per_customer: f64,
    /// The mean number of CloudEvents (e-mails, SMS, visits to a store) per customer; 0 writes none. Default: 0.6.
    pub cloud_events_per_customer: f64,
    /// End every e-mail domain in `.example`, so that no generated address can belong to anyone. Default: true.
    pub safe_domains: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            size: Size::Records(10_000),
            noise: 1.0,
            events_per_customer: 4.0,
            conversations_per_customer: 0.6,
            cloud_events_per_customer: 0.6,
            safe_domains: true,
        }
    }
}
