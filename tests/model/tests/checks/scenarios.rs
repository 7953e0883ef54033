//! Every scenario holds.

use switchyard_model::{Report, scenarios};

#[test]
fn every_scenario_holds() {
    let mut broken = Vec::new();
    let mut states = 0;
    for scenario in scenarios().unwrap() {
        let report = Report::of(&scenario.protocol);
        println!("{}: {report}", scenario.name);
        states += report.states;
        // Two walks that differ in all but the model find the same.
        let complete = report.walked == report.states && report.ends > 0;
        if !report.broken.is_empty() || !complete {
            broken.push(format!("{}: {report}", scenario.name));
        }
    }
    println!("{states} states");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
