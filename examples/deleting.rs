//! Deletes an input, and takes back what a person said: what is left is what there would be without them.
//! `cargo run --example deleting`.

use stitchline::{Engine, Identifier, Policy, Record, RecordKey};

fn main() -> stitchline::Result<()> {
    let engine = Engine::in_memory(Policy::default())?;
    let (phone, email) = (Identifier::phone("+44 7911 123456")?, Identifier::email("ann@example.com")?);
    // The second record has both identifiers and ties the other two.
    for (id, identifiers) in [("1", vec![&phone]), ("2", vec![&phone, &email]), ("3", vec![&email])] {
        let mut record = Record::new("crm", id, format!("2026-01-0{id}T09:00:00Z").parse()?);
        for identifier in identifiers {
            record = record.identified_by(identifier.clone());
        }
        engine.ingest(record)?;
    }
    let [one, two, three] = ["1", "2", "3"].map(|id| RecordKey::new("crm", id));
    let together = engine.customer_of(&one)?.customer();
    assert_eq!(together, engine.customer_of(&three)?.customer());
    println!("three records, one customer");

    engine.delete_record(&two)?;
    assert_ne!(engine.customer_of(&one)?, engine.customer_of(&three)?);
    // The earlier id still leads to a customer, the one whom record 1 founded.
    assert_eq!(engine.customer_of(&one)?.customer(), together);
    println!("without the second record, two customers");

    // A person's word joins them, and is as easily taken back.
    engine.assert_same(&one, &three, "steward@example.com")?;
    assert_eq!(engine.customer_of(&three)?.customer(), together);
    println!("a steward says that they are the same: one customer");
    engine.retract_assertion(&one, &three, "steward@example.com")?;
    assert_ne!(engine.customer_of(&one)?, engine.customer_of(&three)?);
    println!("the steward takes it back: two customers again");
    Ok(())
}
