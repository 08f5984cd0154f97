use crate::{
    failure::{Done, Status},
    output::Out,
};
/// Demo
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}
pub(crate) fn run(_args: &Args, _out: &mut Out) -> Done<Status> {
    Ok(Status::Good)
}
