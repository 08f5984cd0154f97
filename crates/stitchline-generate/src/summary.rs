//! What a run contained: counts, true pairs and every hard case, as written to `stats.json`.

use serde::Serialize;
use std::collections::BTreeMap;

/// The hard cases that every run counts, present with 0 when none occurred.
///
/// | key | what is counted |
/// | --- | --- |
/// | `anonymous_events_on_shared_devices` | web events without a login on a device that a household shares |
/// | `cleared_cookies` | a browser that came back with a new anonymousId |
/// | `employer_inbox_customers` | customers who write from an inbox such as `info@` of their employer |
/// | `junk_dob_records`, `junk_email_records`, `junk_name_records`, `junk_phone_records` | records with a value that stands for none |
/// | `junk_trait_events` | web events with such a value in the traits |
/// | `logins_on_shared_devices` | identify events on a device that a household shares |
/// | `moves` | customers who moved while they were customers |
/// | `name_changes` | customers with a new surname |
/// | `outbound_conversations` | calls to customers: the customer's number is the one dialled |
/// | `recycled_mobiles` | mobile numbers that belonged to another customer before |
/// | `same_name_parent_child` | children with the name of a parent at the same address |
/// | `shared_device_customers` | web users of a household's tablet or family computer |
/// | `shared_family_inbox_customers` | customers who also use the address of the family |
/// | `shared_landline_customers` | customers who also use the landline of the household |
/// | `shared_line_calls_with_account` | calls from a shared line in which the agent noted the account number |
/// | `shared_line_calls_without_account` | calls from a shared line in which nobody did |
/// | `switchboard_customers` | customers who call through the switchboard of their employer |
/// | `transfers` | conversations with a second agent |
/// | `twins` | pairs with the same surname, date of birth, address and landline |
/// | `withheld_callers_with_account` | calls without a number in which the agent noted the account number |
/// | `withheld_callers_without_account` | calls without a number and without an account number |
pub const HARD_CASES: [&str; 24] = [
    "anonymous_events_on_shared_devices",
    "cleared_cookies",
    "employer_inbox_customers",
    "junk_dob_records",
    "junk_email_records",
    "junk_name_records",
    "junk_phone_records",
    "junk_trait_events",
    "logins_on_shared_devices",
    "moves",
    "name_changes",
    "outbound_conversations",
    "recycled_mobiles",
    "same_name_parent_child",
    "shared_device_customers",
    "shared_family_inbox_customers",
    "shared_landline_customers",
    "shared_line_calls_with_account",
    "shared_line_calls_without_account",
    "switchboard_customers",
    "transfers",
    "twins",
    "withheld_callers_with_account",
    "withheld_callers_without_account",
];

/// What a run contained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The seed of the run.
    pub seed: u64,
    /// Customers, with or without records.
    pub customers: u64,
    /// Households.
    pub households: u64,
    /// Employers.
    pub employers: u64,
    /// Records.
    pub records: u64,
    /// Segment events.
    pub web_events: u64,
    /// Genesys Cloud conversations.
    pub conversations: u64,
    /// CloudEvents.
    pub cloud_events: u64,
    /// Lines of the interactions file.
    pub interactions: u64,
    /// Pairs of records that belong to one customer.
    pub true_pairs: u64,
    /// The most records of one customer.
    pub largest_customer: u64,
    /// How many customers have so many records.
    pub cluster_sizes: BTreeMap<u64, u64>,
    /// How often each hard case occurred; see [`HARD_CASES`].
    pub hard_cases: BTreeMap<&'static str, u64>,
    /// How many records carry each tag.
    pub record_tags: BTreeMap<&'static str, u64>,
    /// How many records write their phone in each style.
    pub phone_styles: BTreeMap<&'static str, u64>,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            seed: 0,
            customers: 0,
            households: 0,
            employers: 0,
            records: 0,
            web_events: 0,
            conversations: 0,
            cloud_events: 0,
            interactions: 0,
            true_pairs: 0,
            largest_customer: 0,
            cluster_sizes: BTreeMap::new(),
            hard_cases: HARD_CASES.into_iter().map(|name| (name, 0)).collect(),
            record_tags: BTreeMap::new(),
            phone_styles: BTreeMap::new(),
        }
    }
}

impl Summary {
    /// Counts a hard case.
    pub(crate) fn case(&mut self, name: &'static str, times: u64) {
        debug_assert!(HARD_CASES.contains(&name), "{name} is not documented");
        *self.hard_cases.entry(name).or_default() += times;
    }

    /// Counts a customer's records.
    pub(crate) fn cluster(&mut self, records: u64) {
        self.records += records;
        self.true_pairs += records * records.saturating_sub(1) / 2;
        self.largest_customer = self.largest_customer.max(records);
        *self.cluster_sizes.entry(records).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_by_cluster() {
        let mut s = Summary::default();
        [1, 3, 5].into_iter().for_each(|n| s.cluster(n));
        assert_eq!((s.records, s.true_pairs, s.largest_customer), (9, 13, 5));
        assert!(HARD_CASES.is_sorted());
    }
}
