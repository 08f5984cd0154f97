//! Says why two records are one customer, and why two others are not: `cargo run --example explaining`.

use stitchline::{Engine, Identifier, Policy, Record, RecordKey};

fn main() -> stitchline::Result<()> {
    let engine = Engine::in_memory(Policy::default())?;
    let landline = Identifier::phone("+44 20 7946 0188")?;
    let at = "2026-01-09T10:30:00Z".parse()?;
    for (id, given) in [("C-2001", "Bob"), ("C-2002", "Carol")] {
        let mut record = Record::new("crm", id, at)
            .identified_by(Identifier::crm(id)?)
            .identified_by(Identifier::email(&format!("{given}@example.com"))?)
            .identified_by(landline.clone());
        if let Some(name) = Identifier::name(given, "Stone") {
            record = record.identified_by(name);
        }
        engine.ingest(record)?;
    }
    let order = Record::new("shop", "88", "2026-02-01T12:00:00Z".parse()?);
    engine.ingest(order.identified_by(Identifier::email("bob@example.com")?))?;

    let [bob, carol] = ["C-2001", "C-2002"].map(|id| RecordKey::new("crm", id));
    let why = engine.explain(&bob, RecordKey::new("shop", "88"))?;
    assert!(why.is_same());
    println!("{why}");

    let why = engine.explain(&bob, &carol)?;
    assert!(!why.is_same());
    println!("{why}");

    // An explanation is data as well.
    for refusal in &why.refusals {
        println!("{:?}: {}", refusal.guard, refusal.would_change);
    }
    Ok(())
}
