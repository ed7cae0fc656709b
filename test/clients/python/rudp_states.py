"""The table of 17.8: state -> input -> (next state, actions). A pair that is not in it changes nothing."""

_ENDS = {
    "strangerConfirmed": ("closed", "sendAbort reportClosed"),
    "abort": ("closed", "sendAbort reportClosed"),
    "peerAborted": ("closed", "reportClosed"),
    "silent": ("closed", "reportClosed"),
    "violated": ("closed", "sendAbort reportClosed"),
}
_AGAIN = {"syn": "sendSynAck", "synAck": "sendConfirm"}


def _with_peer(state, **moves):
    """What every state with a peer has in common."""
    return {**{event: (state, action) for event, action in _AGAIN.items()}, **_ENDS, **moves}


MOVES = {
    "idle": {
        "start": ("connecting", "sendSyn"),
        "syn": ("answered", "adoptPeer sendSynAck"),
        "close": ("closed", "reportClosed"),
        "abort": ("closed", "reportClosed"),
    },
    "connecting": {
        "syn": ("answered", "adoptPeer sendSynAck"),
        "synAck": ("open", "adoptPeer sendConfirm reportConnected"),
        "handshakeOverdue": ("closed", "reportClosed"),
        "close": ("connecting", "rememberClose"),
        "abort": ("closed", "reportClosed"),
        "peerAborted": ("closed", "reportClosed"),
    },
    "answered": {
        "syn": ("answered", "adoptPeer sendSynAck"),
        "synAck": ("open", "adoptPeer sendConfirm reportConnected"),
        "confirmed": ("open", "reportConnected"),
        "handshakeOverdue": ("closed", "reportClosed"),
        "close": ("answered", "rememberClose"),
        "abort": ("closed", "sendAbort reportClosed"),
        "peerAborted": ("closed", "reportClosed"),
    },
    "open": _with_peer("open", close=("closing", "queueFin"), peerFin=("peerEnded", "queueFin")),
    "closing": _with_peer("closing", finAcked=("ended", ""), peerFin=("peerEnded", "")),
    "ended": _with_peer("ended", peerFin=("lingering", "reportClosed")),
    "peerEnded": _with_peer("peerEnded", finAcked=("lingering", "reportClosed")),
    "lingering": {"lingerOver": ("closed", ""), "abort": ("closed", ""), "peerAborted": ("closed", "")},
    "closed": {},
}
