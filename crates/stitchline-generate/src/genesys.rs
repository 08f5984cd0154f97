//! Conversations of a contact centre, field by field as Genesys Cloud's conversation details name them.

use crate::time::Stamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// One conversation. Serialises to one line of `genesys.jsonl`, without its truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// The id, unique in the run.
    pub conversation_id: String,
    /// When it began.
    pub conversation_start: Stamp,
    /// When it ended. The file is in this order.
    pub conversation_end: Stamp,
    /// `inbound` or `outbound`.
    pub originating_direction: &'static str,
    /// Everybody and everything that took part, the customer first.
    pub participants: Vec<Participant>,
    /// Whose conversation it was; never serialised.
    #[serde(skip)]
    pub true_id: String,
}

/// One side of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// The id.
    pub participant_id: String,
    /// The name that was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant_name: Option<String>,
    /// `customer` or `external` for the customer; `ivr`, `acd`, `agent` or `internal` for the centre's own sides.
    pub purpose: &'static str,
    /// The agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// What flows and agents noted. On the customer: `accountNumber` (the id of a record of the source `crm`),
    /// `loginId` (the user id of the web site), and `context.email`, `context.firstName` and `context.lastName`
    /// from the form before a chat.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<&'static str, String>,
    /// The media that the side used.
    pub sessions: Vec<Session>,
}

/// One medium of one side. Fields that do not apply are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The id.
    pub session_id: String,
    /// `voice`, `chat`, `email` or `message`.
    pub media_type: &'static str,
    /// `sms`, `whatsapp` or `webmessaging`, of messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_type: Option<&'static str>,
    /// `inbound` or `outbound`.
    pub direction: &'static str,
    /// The part of the platform that carried it.
    pub provider: &'static str,
    /// The number that called, as a `tel:` address or a word for a withheld one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ani: Option<String>,
    /// The number that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dnis: Option<String>,
    /// The address that wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_from: Option<String>,
    /// The address that was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_to: Option<String>,
    /// The own address of this side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_self: Option<String>,
    /// The address of the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_other: Option<String>,
    /// The name or the number of the other side, as it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Whether the customer had logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticated: Option<bool>,
    /// The cookie of the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journey_customer_id: Option<String>,
    /// What that id is: `cookie`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journey_customer_id_type: Option<&'static str>,
    /// What was measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    /// The phases.
    pub segments: Vec<Segment>,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    /// Its name: `tTalk`, `tTalkComplete`, `tAcw`, `tHandle`, `tAcd`, `tWait`, `tIvr` or `nTransferred`.
    pub name: &'static str,
    /// The value, in milliseconds where the name begins with `t`.
    pub value: i64,
    /// When it was measured.
    pub emit_date: Stamp,
}

/// One phase of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// When it began.
    pub segment_start: Stamp,
    /// When it ended.
    pub segment_end: Stamp,
    /// `ivr`, `delay`, `interact` or `wrapup`.
    pub segment_type: &'static str,
    /// The queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<&'static str>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disconnect_type: Option<&'static str>,
    /// The outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrap_up_code: Option<&'static str>,
    /// The subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use crate::sink::tests::run;

    #[test]
    fn a_conversation_serialises_under_the_names_of_genesys_cloud() {
        let (all, _) = run();
        let call = |c: &&super::Conversation| c.participants[0].sessions[0].media_type == "voice";
        let c = all.conversations.iter().find(call).unwrap();
        let json = serde_json::to_value(c).unwrap();
        assert_eq!(json["conversationId"], c.conversation_id);
        let session = &json["participants"][0]["sessions"][0];
        assert!(session["ani"].is_string() && session["dnis"].is_string());
        assert!(session.get("addressFrom").is_none(), "what does not apply is left out");
        assert!(!json.to_string().contains(&c.true_id));
    }
}
