"""The made-up op-ed: its sentences with their kinds."""

from __future__ import annotations

NAMES = {"NOR": "Norland", "SUD": "Sudland", "VAR": "Varrow", "LEAGUE": "Harbour League"}

# One tuple per paragraph; one (kind, sentence) per claim.
ARTICLE: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        ("none", "The ferries are late again this autumn, and nobody at the quay seems surprised."),
        ("value", "There is something shameful in a city that has stopped asking why."),
        ("fact", "On 4 March the Harbour League published the nineteen articles of the straits agreement."),
        ("motive", "It did so because it wanted the quarrel in the capitals to drown out the text."),
    ),
    (
        ("staged-disagreement", "Norland and Sudland only pretend to quarrel over the straits."),
        ("universal", "In the Assembly they always vote the same way once the cameras are gone."),
        ("alignment", "On fishing, on customs and on the lighthouses, Norland stands where Varrow stands."),
        ("motive", "Both governments fear an election more than they fear each other."),
        ("staged-disagreement", "The war of words between the two foreign ministers is theatre for the evening news."),
    ),
    (
        (
            "coordination",
            "Some forty accounts have pushed the same three phrases within the same minute since the summer.",
        ),
        ("fact", "One of them posted 212 times on a single Sunday."),
        ("coordination", "According to the watch group Tideline, the accounts work from one script."),
        ("value", "It is a cheap trick, and an old one."),
    ),
    (
        ("selective-coverage", "Our newspapers show the cheap tickets and hide the clause on the pilots’ fees."),
        ("selective-coverage", "The evening bulletins never mention article 14 at all."),
        (
            "planted-leak",
            "The memorandum that surfaced in the Varrow press was planted there, perhaps by the ministry itself.",
        ),
        ("none", "Read it twice."),
        ("fact", "The memorandum bears no date."),
    ),
    (
        ("reversal", "The Varrow premier contradicts himself with every speech."),
        ("influence", "They say it is his counsellor, Ada Brenn, who moves him on the straits."),
        ("influence", "Parliament cannot move him."),
        ("value", "He is a weathercock with a good tailor."),
        ("fact", "In June he called the agreement a gift, in August a trap."),
    ),
    (
        ("precedent", "Every time Sudland was granted a pause, it used the pause to lay down new hulls."),
        ("precedent", "After the truce of 2014 it rearmed, and after the truce of 2017 it rearmed again."),
        ("turning-point", "Since the spring the tide has turned: fewer Sudland ships pass the straits each month."),
        ("turning-point", "Norland’s trade has begun to sway."),
        ("prediction", "By next winter there will be no Sudland flag east of the light."),
    ),
    (
        ("deal-terms", "The agreement contains terms that Norland has rejected in every earlier round."),
        ("deal-terms", "Not one of its articles is acceptable to all three."),
        ("prescription", "We should sign nothing now."),
        ("prescription", "Let the envoys go home and let the pilots speak."),
        ("prediction", "Whoever signs first will pay for all the others."),
    ),
    (
        ("universal", "Sudland has never kept a promise made to Norland."),
        ("universal", "Its ministers always speak with hostility before a summit."),
        ("value", "A harbour is a promise in stone."),
        ("none", "My grandfather used to say so."),
        ("prediction", "The next conference will end as the last one ended."),
    ),
    (
        ("alignment", "In truth the Harbour League does what Norland tells it to do."),
        ("motive", "Its secretary hopes for a chair in the Norland admiralty."),
        ("fact", "He studied there."),
        ("alignment", "Whatever they say in public, Varrow and Sudland are of one mind about the tolls."),
        ("prescription", "Someone has to say it aloud."),
    ),
    (
        ("none", "So we come back to the ferries."),
        ("value", "A people that cannot cross its own water is not free."),
        ("prediction", "Either the straits will be ours again, or they will be nobody’s."),
        ("motive", "That is all the ministers have ever been afraid of."),
        ("prescription", "Keep your tickets."),
    ),
)

RUSSIAN = (
    ("staged-disagreement", "Норландия и Судландия лишь изображают спор о проливах."),
    ("universal", "Они никогда не говорят правды своим избирателям."),
    ("value", "Это позорно для великой морской державы."),
    ("prescription", "Нам следует выйти из переговоров о судоходстве, перестрахования и взаимообязательств."),
)
