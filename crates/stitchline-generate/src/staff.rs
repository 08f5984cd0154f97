//! The contact centre itself: its agents, queues and addresses, none of which may ever identify a customer.

use crate::Country;
use crate::ids;
use crate::lists::LISTS;
use crate::rng::Rng;

/// How many agents work there.
const AGENTS: u64 = 60;

/// An agent with the number and the address of their own desk.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) email: String,
}

/// A queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queue {
    pub(crate) id: &'static str,
    pub(crate) wrap_up_codes: [&'static str; 3],
    pub(crate) subject: &'static str,
}

const QUEUES: [Queue; 4] = [
    Queue {
        id: "6f0c2f5e-3c0a-4c3e-9d0f-0d7b1f6a1001",
        wrap_up_codes: ["Resolved", "Call back", "Escalated"],
        subject: "A question about my order",
    },
    Queue {
        id: "6f0c2f5e-3c0a-4c3e-9d0f-0d7b1f6a1002",
        wrap_up_codes: ["Payment taken", "Invoice sent", "Dispute"],
        subject: "My invoice",
    },
    Queue {
        id: "6f0c2f5e-3c0a-4c3e-9d0f-0d7b1f6a1003",
        wrap_up_codes: ["Sold", "Not interested", "Offer sent"],
        subject: "Your offer",
    },
    Queue {
        id: "6f0c2f5e-3c0a-4c3e-9d0f-0d7b1f6a1004",
        wrap_up_codes: ["Fixed", "Technician booked", "Replaced"],
        subject: "It does not work",
    },
];

/// The numbers of the contact centre's hot line in each country.
pub(crate) fn hot_line(country: Country) -> &'static str {
    ["+18005550199", "+443069990199", "+498001234567", "+34900123456"][country as usize]
}

/// The address that customers write to.
pub(crate) const SUPPORT: &str = "support@contact-centre.example";

/// Any agent.
pub(crate) fn agent(rng: &mut Rng) -> Agent {
    numbered(rng.below(AGENTS))
}

fn numbered(n: u64) -> Agent {
    // The staff is the same in every run.
    let mut own = Rng::stream(0, n, 99);
    let first = LISTS.first_name(Country::Us.into(), n.is_multiple_of(2), &mut own);
    let last = LISTS.surname(Country::Us.into(), &mut own);
    Agent {
        id: format!("agent-{}", ids::scrambled(n, 9, 0)),
        name: format!("{first} {last}"),
        phone: format!("+1212555{:04}", 100 + n),
        email: format!("{}.{}{n}@contact-centre.example", first.to_lowercase(), last.to_lowercase()),
    }
}

/// Any queue.
pub(crate) fn queue(rng: &mut Rng) -> Queue {
    *rng.pick(&QUEUES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_the_same_in_every_run_and_have_their_own_addresses() {
        assert_eq!(numbered(7).email, numbered(7).email);
        let all: std::collections::BTreeSet<_> = (0..AGENTS).map(|n| numbered(n).email).collect();
        assert_eq!(all.len() as u64, AGENTS);
    }
}
