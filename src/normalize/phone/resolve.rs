//! From digits to a valid number: finds the calling code, takes off the prefixes and looks
//! the national number up in the plans of the regions.

use super::scan::Digits;
use super::table::{Calling, Length, Plan, PrefixRule};
use super::{PhoneError, PhoneKind, Region, Short};

/// National numbers shorter or longer than this are refused in every country; Germany has
/// some that are longer than E.164 allows.
const SHORTEST: usize = 2;
const LONGEST: usize = 17;

/// A valid number.
pub(super) struct Resolved {
    pub(super) e164: Short<21>,
    pub(super) region: Option<Region>,
    pub(super) kind: PhoneKind,
}

/// Turns digits into a valid number; with `plus` they begin with a calling code.
pub(super) fn resolve(digits: &Digits, plus: bool, default_region: Option<Region>) -> Result<Resolved, PhoneError> {
    let default = default_region.and_then(Plan::of_region);
    let found = match (plus, default) {
        (true, _) => match international(digits.as_slice())? {
            // A plus sign before a number without a calling code is forgiven if the default
            // region explains the number.
            None => Some(default.map_or(Ok(None), |plan| implied(digits, plan))?.ok_or(PhoneError::UnknownCountry)?),
            found => found,
        },
        (false, Some(plan)) => implied(digits, plan)?,
        (false, None) => return Err(PhoneError::UnknownCountry),
    };
    match (found, default) {
        // Behind a calling code, the rules are those of its main region.
        (Some((calling, national)), _) => finish(calling, calling.main(), national),
        (None, Some(plan)) => {
            finish(plan.calling().ok_or(PhoneError::UnknownCountry)?, plan, *digits)
        }
        (None, None) => Err(PhoneError::UnknownCountry),
    }
}

/// Splits off the calling code that the digits begin with.
fn international(digits: &[u8]) -> Result<Option<(Calling, Digits)>, PhoneError> {
    if digits.len() <= SHORTEST {
        return Err(PhoneError::TooShort);
    }
    Ok(Calling::of_prefix(digits).map(|(calling, length)| (calling, Digits::of(&digits[length..]))))
}

/// Finds a calling code in a number without a plus sign: behind the international prefix of
/// the region, or its own calling code without any prefix.
fn implied(digits: &Digits, plan: Plan) -> Result<Option<(Calling, Digits)>, PhoneError> {
    let number = digits.as_slice();
    if let Some(end) = plan.international_prefix(number) {
        let rest = &number[end..];
        // No calling code begins with 0, so this was something else.
        if rest.first() != Some(&0) {
            return international(rest)?.ok_or(PhoneError::UnknownCountry).map(Some);
        }
    }
    let Some((calling, length)) = Calling::of_prefix(number) else { return Ok(None) };
    if calling.main().calling_code() != plan.calling_code() {
        return Ok(None);
    }
    // Only if the number makes no sense as it is, but does without the calling code.
    let rest = without_national_prefix(&Digits::of(&number[length..]), plan);
    let stripped = (!plan.describes(number) && plan.describes(rest.as_slice()))
        || plan.length(number.len()) == Length::TooLong;
    Ok(stripped.then_some((calling, rest)))
}

/// The number without national prefix and carrier code, or as it was if there is none or the
/// rest would no longer be a number while the whole is.
fn without_national_prefix(digits: &Digits, plan: Plan) -> Digits {
    let number = digits.as_slice();
    if number.is_empty() {
        return *digits;
    }
    let rest = match plan.national_prefix(number) {
        None | Some(PrefixRule::Strip { end: 0 }) => return *digits,
        Some(PrefixRule::Strip { end }) => Digits::of(&number[end..]),
        Some(PrefixRule::Replace { digits: lead, start, stop, end }) => {
            let mut rest = Digits::of(lead);
            rest.extend(&number[start..stop]);
            rest.extend(&number[end..]);
            rest
        }
    };
    if !plan.describes(rest.as_slice()) && plan.describes(number) { *digits } else { rest }
}

/// Takes off the national prefix, checks the number and writes it out.
fn finish(calling: Calling, plan: Plan, digits: Digits) -> Result<Resolved, PhoneError> {
    if digits.as_slice().len() < SHORTEST {
        return Err(PhoneError::TooShort);
    }
    let stripped = without_national_prefix(&digits, plan);
    // Short numbers may begin with the digits of the prefix.
    let national = match plan.length(stripped.as_slice().len()) {
        Length::Possible | Length::TooLong => stripped,
        Length::LocalOnly | Length::TooShort | Length::Gap => digits,
    };
    let national = national.as_slice();
    if national.len() > LONGEST {
        return Err(PhoneError::TooLong);
    }
    let Some((region, kind)) = calling.classify(national) else {
        return Err(match plan.length(national.len()) {
            Length::TooShort | Length::LocalOnly => PhoneError::TooShort,
            Length::TooLong => PhoneError::TooLong,
            Length::Possible | Length::Gap => PhoneError::Invalid,
        });
    };
    let mut e164 = Short::new();
    e164.push(b'+');
    let code = plan.calling_code();
    for unit in [100, 10, 1] {
        if code >= unit {
            e164.push(b'0' + (code / unit % 10) as u8);
        }
    }
    for &digit in national {
        e164.push(b'0' + digit);
    }
    Ok(Resolved { e164, region, kind })
}
