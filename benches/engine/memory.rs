//! Memory for a record with two identifiers.

use crate::world::{resident, scaled};
use std::time::Duration;
use stitchline::{Engine, Identifier, Input, Policy, Record, Timestamp};

pub(crate) fn run() {
    let n = scaled(1_000_000);
    let engine = Engine::in_memory(Policy::default()).unwrap();
    let before = resident();
    for start in (0..n).step_by(50_000) {
        let records: Vec<Input> = (start..n.min(start + 50_000)).map(record).collect();
        for outcome in engine.ingest_all(records).unwrap() {
            outcome.unwrap();
        }
    }
    let stats = engine.stats().unwrap();
    assert_eq!(stats.stated_records, n as u64);
    let at_once = resident().saturating_sub(before) / n;
    // The allocator gives pages back that it has not needed for a while, when it is next asked for some.
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(50));
        std::hint::black_box(vec![1u8; 1 << 20]);
    }
    println!(
        "a record with an e-mail address and a phone number: {} bytes of state, {} bytes resident with its content, \
         {at_once} before the allocator has given back what it does not need",
        stats.memory_bytes as usize / n,
        resident().saturating_sub(before) / n
    );
}

fn record(number: usize) -> Input {
    let at = Timestamp::from_micros(1_700_000_000_000_000 + number as i64 * 1_000_000).unwrap();
    let record = Record::new("crm", format!("003{number:08}"), at)
        .identified_by(Identifier::email(&format!("customer.{number}@mail{}.example", number % 97)).unwrap());
    // A few of a million consecutive numbers look like placeholders and are no identifiers.
    match Identifier::phone(&format!("+44790{number:07}")) {
        Ok(phone) => record.identified_by(phone).into(),
        Err(_) => record.into(),
    }
}
