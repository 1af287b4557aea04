/* SPDX-License-Identifier: MIT */
/*
 * The rules that every text in every language keeps: it is there, it is translated, it has English's
 * placeholders, it is set as the language is set, and it fits its place.
 */

#include "../../src/text/catalogue.h"
#include "feed.h"
#include "text.h"

#define NAMES_MAX 16
#define TEXTS_MAX 512
#define BRIEF_MAX 60 /* UTF-16 units: a few words */

static const char *const languages[TEXT_LANGUAGE_COUNT] = {"en", "cs", "pl"};

static const char *const placeholders[] = {
    "time",    "program",    "pid",     "sender",  "recipient", "result",    "host",      "address",
    "tls",     "encryption", "seconds", "code",    "words",     "answer",    "brief",     "explanation",
    "meaning", "remedy",     "more",    "detail",  "machine",   "state",     "delivered", "failed",
    "reason",  "gist",       "count",   "version", "server",    "addresses", "libraries"};

/* ---- all texts, as one list ---- */

enum sort {
    SENTENCE,  /* stands alone */
    BRIEF,     /* comes behind a colon, in a few words */
    CLAUSE,    /* comes behind a colon */
    WORD,      /* stands in for a value */
    INTERFACE, /* of the windows */
};

struct entry {
    enum sort sort;
    const char *what;
    const char *texts[TEXT_LANGUAGE_COUNT];
};

static struct entry entries[TEXTS_MAX];
static size_t entry_count;

static void list(enum sort sort, const char *what, const char *en, const char *cs, const char *pl)
{
    assert_true(entry_count < TEXTS_MAX);
    entries[entry_count++] = (struct entry){sort, what, {en, cs, pl}};
}

#define LIST(sort, what, member)                                                                             \
    list(sort, what, text_catalogues[TEXT_EN].member, text_catalogues[TEXT_CS].member,                       \
         text_catalogues[TEXT_PL].member)

static int list_all(void **state)
{
    (void)state;
#define X(name, level)                                                                                       \
    LIST(SENTENCE, "EVENT " #name, events[EVENT_##name]);                                                    \
    if (text_catalogues[TEXT_EN].remedies[EVENT_##name] ||                                                   \
        text_catalogues[TEXT_CS].remedies[EVENT_##name] || text_catalogues[TEXT_PL].remedies[EVENT_##name])  \
        LIST(SENTENCE, "REMEDY " #name, remedies[EVENT_##name]);
    EVENT_KINDS(X)
#undef X
#define X(name, code, subject, detail, words)                                                                \
    LIST(BRIEF, "FAULT " #name, faults[OUTCOME_FAULT_##name].brief);                                         \
    LIST(CLAUSE, "FAULT " #name, faults[OUTCOME_FAULT_##name].full);
    OUTCOME_FAULTS(X)
#undef X
#define X(name)                                                                                              \
    LIST(BRIEF, "MEANING " #name, meanings[TEXT_MEANING_##name].brief);                                      \
    LIST(CLAUSE, "MEANING " #name, meanings[TEXT_MEANING_##name].full);
    TEXT_MEANINGS(X)
#undef X
#define X(name)                                                                                              \
    LIST(SENTENCE, "ENDING " #name, endings[TEXT_ENDING_##name].brief);                                      \
    LIST(SENTENCE, "ENDING " #name, endings[TEXT_ENDING_##name].full);
    TEXT_ENDINGS(X)
#undef X
#define X(name) LIST(SENTENCE, "DETAIL " #name, details[TEXT_DETAIL_##name]);
    TEXT_DETAILS(X)
#undef X
#define X(name) LIST(WORD, "WORD " #name, words[TEXT_WORD_##name]);
    TEXT_WORDS(X)
#undef X
#define X(name, limit) LIST(INTERFACE, "UI " #name, uis[TEXT_UI_##name]);
    TEXT_UIS(X)
#undef X
    return 0;
}

/* ---- what a translator must keep ---- */

/* Each placeholder, with a mark when it stands in brackets. Sorted. */
struct shape {
    char names[NAMES_MAX][24];
    size_t count;
};

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool is_placeholder(struct span name)
{
    for (size_t i = 0; i < COUNT(placeholders); i++)
        if (span_equals(name, span_of(placeholders[i])))
            return true;
    return false;
}

static struct shape shape_of(const char *text)
{
    struct shape shape = {.count = 0};
    bool in_brackets = false;

    for (const char *at = text; *at; at++) {
        if (*at == '[' || *at == ']') {
            HOLDS(in_brackets == (*at == ']'), "\"%s\": brackets come in pairs, not nested", text);
            in_brackets = *at == '[';
        }
        HOLDS(*at != '}', "\"%s\": no brace is closed that was not opened", text);
        if (*at == '{') {
            size_t length = strcspn(++at, "{}[]");

            HOLDS(at[length] == '}', "\"%s\": a brace is closed", text);
            HOLDS(is_placeholder(span_make(at, length)), "\"%s\": {%.*s} is known", text, (int)length, at);
            HOLDS(shape.count < NAMES_MAX, "\"%s\" is not too complicated", text);
            snprintf(shape.names[shape.count++], sizeof shape.names[0], "%.*s%s", (int)length, at,
                     in_brackets ? " []" : "");
            at += length;
        }
    }
    HOLDS(!in_brackets, "\"%s\": a bracket is closed", text);
    qsort(shape.names, shape.count, sizeof shape.names[0], compare);
    return shape;
}

static void every_language_says_everything_with_the_same_placeholders(void **state)
{
    (void)state;
    for (size_t i = 0; i < entry_count; i++) {
        const struct entry *e = &entries[i];

        for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
            struct shape expected, got;

            HOLDS(e->texts[l] && e->texts[l][0], "%s has %s", languages[l], e->what);
            expected = shape_of(e->texts[TEXT_EN]);
            got = shape_of(e->texts[l]);
            HOLDS(expected.count == got.count && memcmp(&expected, &got, sizeof got) == 0,
                  "%s, %s: other placeholders than \"%s\"", languages[l], e->what, e->texts[TEXT_EN]);
        }
    }
}

/* Texts that two languages share, and rightly. */
static const char *const shared[] = {"<>",
                                     ",",
                                     "bez TLS",
                                     "Program",
                                     "Od",
                                     "Traypost {version}",
                                     "Program: {program}[ (proces {pid})]",
                                     "Od: {sender}",
                                     "Server: {host}[ ({address})]"};

static void every_text_is_translated(void **state)
{
    (void)state;
    bool seen[COUNT(shared)] = {false};

    for (size_t i = 0; i < entry_count; i++) {
        for (int a = 0; a < TEXT_LANGUAGE_COUNT; a++) {
            for (int b = a + 1; b < TEXT_LANGUAGE_COUNT; b++) {
                bool may_be_shared = false;

                if (strcmp(entries[i].texts[a], entries[i].texts[b]) != 0)
                    continue;
                for (size_t s = 0; s < COUNT(shared); s++)
                    if (!strcmp(entries[i].texts[a], shared[s]))
                        may_be_shared = seen[s] = true;
                HOLDS(may_be_shared, "%s is \"%s\" in %s and %s", entries[i].what, entries[i].texts[a],
                      languages[a], languages[b]);
            }
        }
    }
    for (size_t s = 0; s < COUNT(shared); s++)
        HOLDS(seen[s], "\"%s\" is still shared by two languages", shared[s]);
}

/* ---- how a text is set ---- */

/* Beyond ASCII, what a language is written with. English keeps to typewriter quotes, as Windows does. */
static const char *const letters[TEXT_LANGUAGE_COUNT] = {
    "…–",
    "…–„“áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ",
    "…–„”ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
};

static void every_text_is_written_in_its_own_letters(void **state)
{
    (void)state;
    for (size_t i = 0; i < entry_count; i++) {
        for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
            const char *text = entries[i].texts[l];

            HOLDS(span_is_utf8(span_of(text)), "%s, %s is UTF-8", languages[l], entries[i].what);
            for (const char *at = text; *at; at++) {
                char letter[5] = {*at};

                HOLDS(*at == '\n' || ((unsigned char)*at >= ' ' && *at != 0x7f),
                      "%s, %s has no control characters", languages[l], entries[i].what);
                if ((unsigned char)*at < 0x80)
                    continue;
                for (size_t n = 1; n < 4 && (at[1] & 0xc0) == 0x80; n++)
                    letter[n] = *++at;
                HOLDS(strstr(letters[l], letter), "%s, %s: '%s' is not of this language", languages[l],
                      entries[i].what, letter);
            }
        }
    }
}

static size_t times(const char *text, const char *what)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        count++;
    return count;
}

/* It begins small, names and Polish politeness apart, and leaves the full stop to others. */
static bool goes_on_a_sentence(struct span text)
{
    bool is_name = span_starts_nocase(text, SPAN("Traypost")) || span_starts_nocase(text, SPAN("Twój"));
    bool is_capital = text.at[0] >= 'A' && text.at[0] <= 'Z';

    return (is_name || !is_capital) && !strchr(".,;:", text.at[text.length - 1]);
}

static void every_text_is_set_with_care(void **state)
{
    (void)state;
    static const char *const never[] = {"...", "  ", " ,", " .", " ;", " :", " - ", "''", "``", " \n", "\n "};
    static const char *const opening[] = {"\"", "„", "„"}, *const closing[] = {"\"", "“", "”"};

    for (size_t i = 0; i < entry_count; i++) {
        for (int l = 0; l < TEXT_LANGUAGE_COUNT; l++) {
            const char *text = entries[i].texts[l];
            const char *where = languages[l], *what = entries[i].what;
            struct span s = span_of(text), trimmed = span_trim(s);

            for (size_t n = 0; n < COUNT(never); n++)
                HOLDS(!strstr(text, never[n]), "%s, %s: \"%s\" has no \"%s\"", where, what, text, never[n]);
            HOLDS(trimmed.length == s.length, "%s, %s: \"%s\" has no space around it", where, what, text);
            if (l != TEXT_EN)
                HOLDS(!strchr(text, '"'), "%s, %s: \"%s\" has the quotes of its language", where, what, text);
            HOLDS(times(text, opening[l]) == times(text, closing[l]) && times(text, "\"") % 2 == 0,
                  "%s, %s: the quotes of \"%s\" come in pairs", where, what, text);
            HOLDS(times(text, "(") == times(text, ")"), "%s, %s: so do its parentheses", where, what);
            if (entries[i].sort == BRIEF || entries[i].sort == CLAUSE)
                HOLDS(goes_on_a_sentence(s), "%s, %s: \"%s\" goes on a sentence", where, what, text);
            if (entries[i].sort == BRIEF)
                HOLDS(text_utf16_units(text) <= BRIEF_MAX, "%s, %s: \"%s\" is brief", where, what, text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_language_says_everything_with_the_same_placeholders),
        cmocka_unit_test(every_text_is_translated),
        cmocka_unit_test(every_text_is_written_in_its_own_letters),
        cmocka_unit_test(every_text_is_set_with_care),
    };

    return cmocka_run_group_tests(tests, list_all, NULL);
}
