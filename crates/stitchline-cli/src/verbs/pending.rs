//! TEMPORARY stand-in until `stitchline::explain` is merged; inherent methods win over it.
use stitchline::engine::Reference;
pub(crate) trait Pending {
    fn explain(&self, _a: impl Into<Reference>, _b: impl Into<Reference>) -> stitchline::Result<String> {
        Ok("(explanation)".into())
    }
    fn refusals(&self, _limit: usize) -> stitchline::Result<Vec<String>> {
        Ok(vec![])
    }
}
impl Pending for stitchline::Engine {}
