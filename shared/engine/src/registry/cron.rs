//! Whether a text is a cron line: five fields of numbers, ranges, steps and lists. When it fires is the scheduler's to say.

/// The least and the greatest number of minute, hour, day, month and day of the week.
const FIELDS: [(u8, u8); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];

/// Whether a text is a cron line of five fields.
pub(super) fn is_cron(text: &str) -> bool {
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    fields.len() == FIELDS.len()
        && fields
            .iter()
            .zip(FIELDS)
            .all(|(field, range)| field.split(',').all(|part| is_part(part, range)))
}

fn is_part(part: &str, range: (u8, u8)) -> bool {
    let (span, step) = part
        .split_once('/')
        .map_or((part, None), |(span, step)| (span, Some(step)));
    let step = step.is_none_or(|step| number(step, (1, range.1.max(1))).is_some());
    let span = match span.split_once('-') {
        _ if span == "*" => true,
        Some((from, to)) => match (number(from, range), number(to, range)) {
            (Some(from), Some(to)) => from <= to,
            _ => false,
        },
        None => number(span, range).is_some(),
    };
    step && span
}

fn number(text: &str, (least, most): (u8, u8)) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse::<u8>().ok())??;
    (least..=most).contains(&number).then_some(number)
}
