/* SPDX-License-Identifier: MIT */
/* The sentences by language. */

#include "translation.h"

struct sentences {
    const char *brief, *explanation, *remedy;
};

static const struct sentences sentences[TEXT_LANGUAGE_COUNT][REFUSAL_COUNT] = {
#define TRANSLATION(name, brief, explanation, remedy) [REFUSAL_##name] = {brief, explanation, remedy},
    [TEXT_EN] =
        {
#include "translation_en.h"
        },
    [TEXT_CS] =
        {
#include "translation_cs.h"
        },
    [TEXT_PL] =
        {
#include "translation_pl.h"
        },
#undef TRANSLATION
};

const char *translation_brief(enum refusal refusal, enum text_language language)
{
    return refusal == REFUSAL_NONE ? "" : sentences[language][refusal].brief;
}

const char *translation_explanation(enum refusal refusal, enum text_language language)
{
    return refusal == REFUSAL_NONE ? "" : sentences[language][refusal].explanation;
}

const char *translation_remedy(enum refusal refusal, enum text_language language)
{
    return refusal == REFUSAL_NONE ? "" : sentences[language][refusal].remedy;
}
