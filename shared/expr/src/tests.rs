//! What the three languages may do, and what ends them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const MOMENT: Moment = Moment {
    millis: 1_700_000_000_000,
    seed: 7,
};

fn evaluate(source: &str, input: &Value) -> Result<Option<Value>, ExpressionError> {
    Expression::compile(source)?.evaluate(input, &Variables::new(), MOMENT, Limits::STANDARD)
}

#[test]
fn expressions_compute_what_jsonata_says() {
    let order =
        json!({"items": [{"price": 2.5, "count": 4}, {"price": 1, "count": 1}], "open": true});
    for (source, expected) in [
        ("$sum(items.(price * count))", Some(json!(11))),
        ("items[price > 2].count", Some(json!(4))),
        ("open ? 'yes' : 'no'", Some(json!("yes"))),
        ("nothing", None),
        ("$count(nothing) = 0", Some(json!(true))),
        ("$millis()", Some(json!(1_700_000_000_000_i64))),
        ("$now()", Some(json!("2023-11-14T22:13:20.000Z"))),
    ] {
        assert_eq!(evaluate(source, &order), Ok(expected), "{source}");
    }
}

#[test]
fn chance_follows_from_the_seed() {
    let random = |seed| {
        let moment = Moment { seed, ..MOMENT };
        let expression = Expression::compile("$random()").unwrap();
        let none = Variables::new();
        expression.evaluate(&Value::Null, &none, moment, Limits::STANDARD)
    };
    assert_eq!(random(1), random(1));
    assert_ne!(random(1), random(2));
}

#[test]
fn whatever_does_not_end_is_ended_by_its_steps_or_its_size() {
    for source in [
        // Calls in tail position take no stack, so only counting ends them.
        "($f := function() { $f() }; $f())",
        "($f := function($n) { 1 + $f($n) }; $f(1))",
        "$map([1..100000], function($i) { $map([1..100000], function($j) { $i * $j }) })",
        "($f := function($t) { $f($t & $t) }; $f('aaaaaaaa'))",
        "[1..10000000]",
        "$pad('', 10000000)",
        "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)",
    ] {
        // What is counted is the same in a test that is not optimised, but takes much longer.
        let limits = Limits {
            steps: 2_000,
            ..Limits::STANDARD
        };
        let expression = Expression::compile(source).unwrap();
        let ended = expression.evaluate(&Value::Null, &Variables::new(), MOMENT, limits);
        assert!(
            matches!(ended, Err(ExpressionError::Limit(_))),
            "{source}: {ended:?}"
        );
    }
}

#[test]
fn what_is_done_for_each_item_is_bounded_together() {
    let each = |source: &str, count: usize| {
        let items: Vec<Value> = (0..count).map(Value::from).collect();
        let variables = Variables::from([("add".to_owned(), json!(1))]);
        let expression = Expression::compile(source).unwrap();
        expression.evaluate_each(&items, &variables, MOMENT, Limits::STANDARD)
    };
    let sums = each("$ + $item + $index + $add", 3).unwrap();
    assert_eq!(sums, [Some(json!(1)), Some(json!(4)), Some(json!(7))]);
    assert_eq!(each("$item > 1", 10_000).unwrap().len(), 10_000);
    // What one item may take, ten thousand may not.
    let long = "$sum($map([1..500], function($n) { $n * $item }))";
    assert!(each(long, 1).is_ok());
    assert!(matches!(each(long, 10_000), Err(ExpressionError::Limit(_))));
    assert!(matches!(
        each("$item", 10_001),
        Err(ExpressionError::Limit(_))
    ));
}

#[test]
fn the_same_evaluation_takes_the_same_steps() {
    let sum = Expression::compile("$sum([1..1000])").unwrap();
    let with = |steps| {
        let limits = Limits {
            steps,
            ..Limits::STANDARD
        };
        sum.evaluate(&Value::Null, &Variables::new(), MOMENT, limits)
            .is_ok()
    };
    let enough = (1..=10_000).find(|steps| with(*steps)).unwrap();
    assert!(!with(enough - 1) && with(enough) && with(enough + 1));
}

#[test]
fn text_from_outside_is_never_evaluated() {
    let outside = json!({"text": "1 + 1"});
    for source in ["$eval(text)", "($e := $eval; $e(text))", "text.$eval($)"] {
        assert!(evaluate(source, &outside).is_err(), "{source}");
    }
}

#[test]
fn what_is_no_expression_is_said_with_its_place() {
    let wrong = Expression::compile("items[").unwrap_err();
    let ExpressionError::Syntax { at, .. } = &wrong else {
        panic!("{wrong}");
    };
    assert!(*at > 0, "{wrong}");
    let deep = "(".repeat(100_000);
    let deeper = "[".repeat(16_000);
    for source in [&deep, &deeper] {
        let refused = Expression::compile(source).unwrap_err();
        assert_eq!(refused, ExpressionError::TooLong);
    }
}

#[test]
fn what_an_expression_reads_is_known_beforehand() {
    let reads = |source: &str| Expression::compile(source).unwrap().reads_of("nodes");
    let these = |names: &[&str]| Names::These(names.iter().map(|name| (*name).into()).collect());
    assert_eq!(
        reads("$nodes.list.body & $nodes.other"),
        these(&["list", "other"])
    );
    assert_eq!(reads("($n := $nodes; $n.list)"), these(&["list"]));
    assert_eq!(reads("$lookup($nodes, which)"), Names::All);
    assert_eq!(reads("input"), Names::None);
    let variables = Expression::compile("$input.a + $b").unwrap().variables();
    assert!(
        variables.contains("input") && variables.contains("b"),
        "{variables:?}"
    );
}

#[test]
fn templates_put_values_into_their_places() {
    let context = json!({"input": {"title": "{{ 7 * 7 }}", "names": ["a", "b"]}});
    for (source, expected) in [
        ("About: {{ input.title }}", "About: {{ 7 * 7 }}"),
        (
            "{% for n in input.names %}- {{ n }}\n{% endfor %}",
            "- a\n- b\n",
        ),
        ("{{ input.names | join(', ') | upper }}", "A, B"),
        ("{% if input.names %}some{% else %}none{% endif %}", "some"),
        ("{{ input.missing | default('none') }}", "none"),
    ] {
        let rendered = Template::compile(source).unwrap().render(&context);
        assert_eq!(rendered.as_deref(), Ok(expected), "{source}");
    }
    let names = Template::compile("{{ input.title }} {{ nodes.list.x }}").unwrap();
    assert!(names.names().contains("input.title"), "{:?}", names.names());
}

#[test]
fn templates_reach_nothing_and_end() {
    let render = |source: &str| Template::compile(source).unwrap().render(&json!({}));
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    assert_eq!(render(endless), Err(TemplateError::Limit));
    assert!(matches!(
        render("{{ missing }}"),
        Err(TemplateError::Failed(_))
    ));
    for source in [
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% macro x() %}{% endmacro %}",
        "{{ open",
        &"{{".repeat(40_000),
    ] {
        assert!(Template::compile(source).is_err(), "{source:.40}");
    }
}

#[test]
fn schemas_tell_what_is_wrong_and_where() {
    let schema = json!({
        "type": "object",
        "properties": {"names": {"type": "array", "items": {"$ref": "#/$defs/name"}}},
        "additionalProperties": false,
        "$defs": {"name": {"type": "string", "pattern": "^[a-z]+$"}},
    });
    let schema = Schema::compile(&schema).unwrap();
    assert_eq!(schema.violations(&json!({"names": ["a", "b"]})), []);
    let wrong = schema.violations(&json!({"names": ["a", "B"], "more": 1}));
    let paths: Vec<&str> = wrong.iter().map(|one| one.path.as_str()).collect();
    assert!(
        paths.contains(&"/names/1") && paths.contains(&""),
        "{wrong:?}"
    );
}

#[test]
fn schemas_look_nothing_up_and_cost_a_bounded_check() {
    let doubled = |levels: usize| {
        let definitions = (0..levels).map(|level| {
            let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
            let both = json!({"allOf": [next.clone(), next]});
            (format!("d{level}"), both)
        });
        let mut definitions: serde_json::Map<String, Value> = definitions.collect();
        definitions.insert(format!("d{levels}"), json!({"type": "string"}));
        json!({"$ref": "#/$defs/d0", "$defs": definitions})
    };
    assert!(Schema::compile(&doubled(3)).is_ok());
    for (schema, expected) in [
        (doubled(40), SchemaError::Unbounded),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}),
            SchemaError::Unbounded,
        ),
        (
            json!({"$ref": "file:///etc/passwd"}),
            SchemaError::Elsewhere("file:///etc/passwd".to_owned()),
        ),
        (
            json!({"$ref": "https://example.com/schema"}),
            SchemaError::Elsewhere("https://example.com/schema".to_owned()),
        ),
        (
            json!({"$id": "https://example.com/schema"}),
            SchemaError::Elsewhere("https://example.com/schema".to_owned()),
        ),
    ] {
        assert_eq!(
            Schema::compile(&schema).unwrap_err(),
            expected,
            "{schema:.80}"
        );
    }
    for invalid in [json!({"type": "text"}), json!({"pattern": "("}), json!(3)] {
        let refused = Schema::compile(&invalid);
        assert!(matches!(refused, Err(SchemaError::Invalid(_))), "{invalid}");
    }
}

#[test]
fn size_and_depth_are_seen_before_anything_is_parsed() {
    let large = vec![b' '; 10 * 1024 * 1024];
    assert_eq!(
        parse(&large, Bounds::VALUE),
        Err(OutOfBounds::TooLarge(Bounds::VALUE.bytes))
    );
    let deep = "[".repeat(500_000);
    assert_eq!(
        parse(deep.as_bytes(), Bounds::VALUE),
        Err(OutOfBounds::TooDeep(64))
    );
    let quoted = format!(r#"{{"text": "{}\""}}"#, "[".repeat(1000));
    assert!(parse(quoted.as_bytes(), Bounds::VALUE).is_ok());
    assert!(matches!(
        parse(b"[1,", Bounds::VALUE),
        Err(OutOfBounds::Malformed(_))
    ));
}

#[test]
fn a_value_is_measured_without_recursion() {
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    assert!(check_value(&nested(64), Bounds::VALUE).is_ok());
    assert_eq!(
        check_value(&nested(65), Bounds::VALUE),
        Err(OutOfBounds::TooDeep(64))
    );
    let large = json!({"text": "x".repeat(Bounds::VALUE.bytes)});
    assert!(matches!(
        check_value(&large, Bounds::VALUE),
        Err(OutOfBounds::TooLarge(_))
    ));
}

proptest! {
    #[test]
    fn no_text_makes_anything_panic(text in "[\\[\\](){}$.a-z0-9 '\"%*|&:=<>+-]{0,40}") {
        if let Ok(expression) = Expression::compile(&text) {
            let limits = Limits { steps: 10_000, ..Limits::STANDARD };
            expression.evaluate(&json!({"a": [1, 2]}), &Variables::new(), MOMENT, limits).ok();
            expression.variables();
        }
        if let Ok(template) = Template::compile(&text) {
            template.render(&json!({"a": [1, 2]})).ok();
        }
        parse(text.as_bytes(), Bounds::VALUE).ok();
    }
}
