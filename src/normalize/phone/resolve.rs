//! From digits to a valid number: finds the calling code, takes off the prefixes and looks
//! the national number up in the plans of the regions.

use super::scan::Digits;
use super::table::{Calling, Length, Plan, PrefixRule};
use super::{PhoneError, PhoneKind, Region};

/// National numbers shorter or longer than this are refused in every country; Germany has
/// some that are longer than E.164 allows.
const SHORTEST: usize = 2;
const LONGEST: usize = 17;

/// A valid number.
pub(super) struct Resolved<'a> {
    /// Calling code.
    pub(super) code: u16,
    pub(super) national: &'a [u8],
    pub(super) region: Option<Region>,
    pub(super) kind: PhoneKind,
}

/// Turns digits into a valid number; with `plus` they begin with a calling code.  The buffers
/// are room for numbers that a transform rule rewrites, which can happen twice.
#[inline]
pub(super) fn resolve<'a>(
    digits: &'a [u8],
    plus: bool,
    default_region: Option<Region>,
    [first, second]: [&'a mut Digits; 2],
) -> Result<Resolved<'a>, PhoneError> {
    if plus && let Some((calling, national)) = international(digits)? {
        return finish(calling, calling.main(), national, second);
    }
    let plan = default_region.and_then(Plan::of_region).ok_or(PhoneError::UnknownCountry)?;
    // Behind a calling code, the rules are those of its main region.
    if let Some((calling, national)) = implied(digits, plan, first)? {
        return finish(calling, calling.main(), national, second);
    }
    // A plus sign without a calling code is only forgiven if a calling code comes up after all.
    match plan.calling() {
        Some(calling) if !plus => finish(calling, plan, digits, second),
        _ => Err(PhoneError::UnknownCountry),
    }
}

/// Splits off the calling code that the digits begin with.
#[inline]
fn international(digits: &[u8]) -> Result<Option<(Calling, &[u8])>, PhoneError> {
    if digits.len() <= SHORTEST {
        return Err(PhoneError::TooShort);
    }
    Ok(Calling::of_prefix(digits).map(|(calling, length)| (calling, &digits[length..])))
}

/// Finds a calling code in a number without a plus sign: behind the international prefix of
/// the region, or its own calling code without any prefix.
#[inline]
fn implied<'a>(
    number: &'a [u8],
    plan: Plan,
    buffer: &'a mut Digits,
) -> Result<Option<(Calling, &'a [u8])>, PhoneError> {
    if let Some(end) = plan.international_prefix(number) {
        let rest = &number[end..];
        // No calling code begins with 0, so this was something else.
        if rest.first() != Some(&b'0') {
            return international(rest)?.ok_or(PhoneError::UnknownCountry).map(Some);
        }
    }
    let Some((calling, length)) = Calling::of_prefix(number) else { return Ok(None) };
    if calling.main().calling_code() != plan.calling_code() {
        return Ok(None);
    }
    // Only if the number makes no sense as it is, but does without the calling code.
    let too_long = plan.length(number.len()) == Length::TooLong;
    if !too_long && plan.describes(number) {
        return Ok(None);
    }
    let rest = without_national_prefix(&number[length..], plan, buffer);
    Ok((too_long || plan.describes(rest)).then_some((calling, rest)))
}

/// The number without national prefix and carrier code, or as it was if there is none or the
/// rest would no longer be a number while the whole is.
#[inline]
fn without_national_prefix<'a>(number: &'a [u8], plan: Plan, buffer: &'a mut Digits) -> &'a [u8] {
    if number.is_empty() {
        return number;
    }
    let rest = match plan.national_prefix(number) {
        None | Some(PrefixRule::Strip { end: 0 }) => return number,
        Some(PrefixRule::Strip { end }) => &number[end..],
        Some(PrefixRule::Replace { lead, start, stop, end }) => {
            buffer.join([lead, &number[start..stop], &number[end..]])
        }
    };
    if !plan.describes(rest) && plan.describes(number) { number } else { rest }
}

/// Takes off the national prefix and looks the number up.
fn finish<'a>(
    calling: Calling,
    plan: Plan,
    digits: &'a [u8],
    buffer: &'a mut Digits,
) -> Result<Resolved<'a>, PhoneError> {
    if digits.len() < SHORTEST {
        return Err(PhoneError::TooShort);
    }
    let stripped = without_national_prefix(digits, plan, buffer);
    // Short numbers may begin with the digits of the prefix.
    let national = match plan.length(stripped.len()) {
        Length::Possible | Length::TooLong => stripped,
        Length::LocalOnly | Length::TooShort | Length::Gap => digits,
    };
    if national.len() > LONGEST {
        return Err(PhoneError::TooLong);
    }
    match calling.classify(national) {
        Some((region, kind)) => Ok(Resolved { code: plan.calling_code(), national, region, kind }),
        None => Err(match plan.length(national.len()) {
            Length::TooShort | Length::LocalOnly => PhoneError::TooShort,
            Length::TooLong => PhoneError::TooLong,
            Length::Possible | Length::Gap => PhoneError::Invalid,
        }),
    }
}
