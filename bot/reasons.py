"""Every way a job can end without its images, and the sentence a member reads for it."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a job ended without its images; kept in its row."""

    NO_REPLY = "no_reply"
    REPLY_GONE = "reply_gone"
    NOT_TAKEN = "not_taken"
    NOT_OURS = "not_ours"
    OUT_OF_REACH = "out_of_reach"
    INTERRUPTED = "interrupted"
    MAYBE_CHARGED = "maybe_charged"
    BAD_INPUT = "bad_input"
    INPUT_GONE = "input_gone"
    NOT_SERVED = "not_served"
    FAILED = "failed"
    KEY_REFUSED = "key_refused"
    NO_CREDITS = "no_credits"
    UNKNOWN_ENDPOINT = "unknown_endpoint"
    TOO_LARGE = "too_large"
    BAD_FIELD = "bad_field"
    REFUSED = "refused"
    SERVICE_DOWN = "service_down"
    NO_TURN = "no_turn"
    JOB_GONE = "job_gone"
    TIMED_OUT = "timed_out"
    NO_IMAGES = "no_images"
    IMAGES_GONE = "images_gone"
    BAD_OUTPUT = "bad_output"
    INTERNAL = "internal"


SENTENCES = {
    Reason.NO_REPLY: (
        "The reply to this request never reached Discord, so it was not run. Nothing was charged;"
        " please ask again."
    ),
    Reason.REPLY_GONE: (
        "The bot could not see its reply to this request, so it was not run. Nothing was charged;"
        " please ask again."
    ),
    Reason.NOT_TAKEN: (
        "The bot could not take this request in time, so it was not run. Nothing was charged;"
        " please ask again."
    ),
    Reason.NOT_OURS: "This request was answered elsewhere, so it was not run here.",
    Reason.OUT_OF_REACH: (
        "Discord lets the bot change this reply for 15 minutes, and in these it could not be sent to"
        " the service. Nothing was charged; please ask again."
    ),
    Reason.INTERRUPTED: "The bot was interrupted before this job was sent. Nothing was charged.",
    Reason.MAYBE_CHARGED: (
        "The bot could not see whether the service took this job. It may have been charged,"
        " so it was not sent twice. Run it again if you want to."
    ),
    Reason.BAD_INPUT: "The picture cannot be used. Nothing was charged.",
    Reason.INPUT_GONE: (
        "Discord no longer hands out the picture of this request. Nothing was charged;"
        " please send it again."
    ),
    Reason.NOT_SERVED: (
        "This bot serves the members of its own servers alone, and you share none of them."
        " Nothing was charged."
    ),
    Reason.FAILED: (
        "The service could not finish this job. It may have been charged; the bot's owner can look"
        " it up."
    ),
    Reason.KEY_REFUSED: (
        "The service does not accept this bot's key. Nothing was charged;"
        " the bot's owner has to look at it."
    ),
    Reason.NO_CREDITS: (
        "The bot's owner has no credits left at the service. Nothing was charged;"
        " try again once they are topped up."
    ),
    Reason.UNKNOWN_ENDPOINT: (
        "The service does not know this endpoint. Nothing was charged;"
        " the bot's owner has to look at it."
    ),
    Reason.TOO_LARGE: (
        "The picture is larger than the service takes. Nothing was charged; send a smaller one."
    ),
    Reason.BAD_FIELD: "The service does not accept one of the values. Nothing was charged.",
    Reason.REFUSED: "The service refused this job. Nothing was charged.",
    Reason.SERVICE_DOWN: (
        "The service took no jobs for a long time, so the bot stopped trying. Nothing was charged;"
        " run it again later."
    ),
    Reason.NO_TURN: (
        "Too many jobs were before this one for a whole day, so it was not run. Nothing was"
        " charged; run it again later."
    ),
    Reason.JOB_GONE: (
        "The service no longer knows this job, so its images are gone. It may have been charged;"
        " run it again if you still want them."
    ),
    Reason.TIMED_OUT: (
        "The service took too long, so the bot stopped asking. It may have been charged;"
        " the bot's owner can look it up."
    ),
    Reason.NO_IMAGES: (
        "The service says it is done, but it gave no images. It may have been charged;"
        " the bot's owner can look it up."
    ),
    Reason.IMAGES_GONE: (
        "The service no longer hands out this job's images. It was charged; the bot's owner can"
        " look it up."
    ),
    Reason.BAD_OUTPUT: (
        "What the service handed out cannot be saved as an image. It was charged, and another run"
        " would end the same; the bot's owner can look it up."
    ),
    Reason.INTERNAL: "Something went wrong in the bot. Its owner can find it in the log.",
}
