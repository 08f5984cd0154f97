//! Finds a customer by any identifier and reads the timeline in pages: `cargo run --example searching`.

use stitchline::{Channel, Engine, Identifier, Interaction, Policy, Record, engine::Resolution};

fn main() -> stitchline::Result<()> {
    let engine = Engine::in_memory(Policy::default())?;
    engine.ingest_all(vec![
        Record::new("crm", "C-1", "2026-01-08T09:00:00Z".parse()?)
            .identified_by(Identifier::email("ann.lee@example.com")?)
            .identified_by(Identifier::phone("+44 7911 123456")?)
            .attribute("city", "Leeds")
            .into(),
        Interaction::new("webchat", "chat-1", "2026-03-01T10:02:00Z".parse()?)
            .channel(Channel::Chat)
            .subject("Return of a kettle")
            .identified_by(Identifier::email("Ann.Lee@Example.com")?)
            .into(),
        Interaction::new("calls", "call-1", "2026-03-02T08:55:00Z".parse()?)
            .channel(Channel::Voice)
            .identified_by(Identifier::phone("+447911123456")?)
            .into(),
    ])?;

    // Who is calling: one customer, several candidates, or nobody.
    match engine.resolve(&Identifier::phone("+44 (0)7911 123456")?)? {
        Resolution::Nobody => println!("nobody known"),
        Resolution::Several { candidates, reason, .. } => {
            println!("{} may be meant ({reason:?})", candidates.len());
        }
        Resolution::One(found) => {
            println!("{} with probability {:.2}", found.id, found.probability);
            let profile = engine.profile(found.id)?;
            println!("{} records, attributes {:?}", profile.records.len(), profile.attributes);

            // Two pages of one. A cursor is text that can be kept; it holds after later writes.
            let mut cursor: Option<String> = None;
            loop {
                let mut request = engine.timeline(found.id).newest_first();
                if let Some(text) = &cursor {
                    request = request.after(text.parse()?);
                }
                let page = request.page(1)?;
                for item in &page.items {
                    println!("{}  {}  {}", item.start(), item.channel(), item.record());
                }
                match page.next {
                    Some(next) => cursor = Some(next.to_string()),
                    None => break,
                }
            }
            for sum in engine.timeline(found.id).summary()? {
                println!("{}: {} interactions", sum.channel, sum.count);
            }
        }
    }
    Ok(())
}
