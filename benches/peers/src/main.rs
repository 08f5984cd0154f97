//! stitchline beside other libraries. `stitchline-peers similarity FILE...` prints CSV.

mod contest;
mod record;
mod similarity;

use std::process::ExitCode;

const USAGE: &str = "usage: stitchline-peers similarity [--form NAME] [--ours] [--record FOLDER] FILE...
A file holds tab-separated pairs, one a line. --form takes one form only (two at a time, independent pairs,
one against many, prepared), --ours times stitchline alone, --record also writes a dated file.";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: impl Iterator<Item = String>) -> Result<(), String> {
    if args.next().as_deref() != Some("similarity") {
        return Err(USAGE.into());
    }
    let (mut plan, mut folder, mut files) = (contest::Plan::default(), None, Vec::new());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--form" => plan.form = Some(args.next().ok_or(USAGE)?),
            "--ours" => plan.ours = true,
            "--record" => folder = Some(args.next().ok_or(USAGE)?),
            _ => files.push(arg),
        }
    }
    if files.is_empty() {
        return Err(USAGE.into());
    }
    println!("{}", record::HEADER);
    similarity::run(&files, &plan)?;
    match folder {
        Some(folder) => record::write(&folder, "similarity", &plan.lines.borrow()),
        None => Ok(()),
    }
}
