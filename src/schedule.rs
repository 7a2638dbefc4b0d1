//! placeholder until the schedule branch lands
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule;
pub enum Dialect { Aws, AzureFunctions }
impl Schedule {
    pub fn parse(_text: &str, _dialect: Dialect) -> Result<Self, String> { Ok(Self) }
    pub fn runs_per_month(&self) -> f64 {
        0.0
    }
    pub fn shortest_period(&self) -> Option<u64> {
        None
    }
    pub fn describe(&self) -> String {
        String::new()
    }
}
