//! Reads files of any format and says what is in them: `cargo run --example read_files -- fixtures/contact-centre/*`.

use stitchline::{
    Input, Normalizer, Policy,
    ingest::{Item, Options, Reader},
};

fn main() -> stitchline::Result<()> {
    let policy = Policy { default_region: Some("GB".into()), ..Policy::default() };
    let normalizer = Normalizer::new(&policy)?;
    for path in std::env::args().skip(1) {
        let reader = match Reader::open(&path, &normalizer, Options::default()) {
            Ok(reader) => reader,
            Err(error) => {
                println!("{path}: passed over: {error}");
                continue;
            }
        };
        let format = reader.format();
        let (mut records, mut interactions, mut others) = (0, 0, 0);
        for item in reader {
            match item {
                Item::Input(Input::Record(_)) => records += 1,
                Item::Input(Input::Interaction(_)) => interactions += 1,
                Item::Input(_) => others += 1,
                Item::Rejected(rejected) => println!("{rejected}"),
            }
        }
        println!("{path}: {format}, {records} records, {interactions} interactions, {others} others");
    }
    Ok(())
}
