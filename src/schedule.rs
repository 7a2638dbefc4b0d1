//! placeholder until the schedule branch lands
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule;
impl Schedule {
    pub fn runs_per_month(&self) -> f64 {
        0.0
    }
}
