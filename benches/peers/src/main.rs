//! stitchline beside other libraries: `stitchline-peers similarity FILE...` prints CSV.

mod contest;
mod similarity;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let files: Vec<String> = match args.next().as_deref() {
        Some("similarity") => args.collect(),
        _ => Vec::new(),
    };
    if files.is_empty() {
        eprintln!(
            "usage: stitchline-peers similarity FILE...\nA file holds tab-separated pairs, one a line."
        );
        return ExitCode::FAILURE;
    }
    match similarity::run(&files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
