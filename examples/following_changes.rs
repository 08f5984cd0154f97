//! Follows the change feed, as a system does that keeps customer ids of its own:
//! `cargo run --example following_changes`.

use std::collections::BTreeMap;
use stitchline::{CustomerId, Engine, Identifier, Policy, Record, RecordKey, engine::ChangeKind};

/// What the other system keeps: its customers, and how far it has read the feed.
#[derive(Default)]
struct Copy {
    customers: BTreeMap<CustomerId, String>,
    next: u64,
}

impl Copy {
    /// Reads on from where it stopped. Reading after a crash begins at the number that was kept.
    fn follow(&mut self, engine: &Engine) -> stitchline::Result<()> {
        loop {
            let changes = engine.changes(self.next, 100)?;
            if changes.is_empty() {
                return Ok(());
            }
            for change in changes {
                self.next = change.sequence + 1;
                self.take(&change.kind);
            }
        }
    }

    fn take(&mut self, change: &ChangeKind) {
        println!("  {change:?}");
        let mut set = |id: &CustomerId| _ = self.customers.insert(*id, "refresh its profile".to_owned());
        match change {
            ChangeKind::Created { id, .. } | ChangeKind::Grown { id, .. } | ChangeKind::Shrunk { id, .. } => {
                set(id)
            }
            ChangeKind::Merged { id, from } => {
                set(id);
                from.iter().filter(|part| *part != id).for_each(|part| _ = self.customers.remove(part));
            }
            ChangeKind::Split { id, into } => {
                into.iter().for_each(&mut set);
                if !into.contains(id) {
                    self.customers.remove(id);
                }
            }
            ChangeKind::Renamed { from, to } => {
                set(to);
                self.customers.remove(from);
            }
            ChangeKind::Removed { id } => _ = self.customers.remove(id),
            _ => {}
        }
    }
}

fn main() -> stitchline::Result<()> {
    let engine = Engine::in_memory(Policy::default())?;
    let mut copy = Copy::default();
    let email = Identifier::email("ann.lee@example.com")?;
    let (crm, shop) = (RecordKey::new("crm", "1"), RecordKey::new("shop", "88"));

    println!("two systems know an address:");
    for key in [&crm, &shop] {
        let at = "2026-01-08T09:00:00Z".parse()?;
        engine.ingest(Record::new(&key.source, &key.id, at).identified_by(email.clone()))?;
        copy.follow(&engine)?;
    }
    println!("a steward says that they are two people:");
    engine.assert_different(&crm, &shop, "steward@example.com")?;
    copy.follow(&engine)?;
    println!("and takes it back:");
    engine.retract_assertion(&crm, &shop, "steward@example.com")?;
    copy.follow(&engine)?;
    assert_eq!(copy.customers.len() as u64, engine.stats()?.customers);
    println!("{} customers, read up to entry {}", copy.customers.len(), copy.next);
    Ok(())
}
