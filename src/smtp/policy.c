/* SPDX-License-Identifier: MIT */
/* MTA-STS: the record, the file, the comparison. The words are case-sensitive where RFC 8461 says so (%s). */

#include "smtp/policy.h"

#include <string.h>

#include "smtp/address.h"

#define NAME_MAX_OCTETS 32

/* ---------------------------------------------------------------- the record */

static bool is_id(struct span s)
{
    for (size_t i = 0; i < s.length; i++)
        if (!ascii_is_alnum(s.at[i]))
            return false;
    return s.length > 0 && s.length <= SMTP_POLICY_ID_MAX;
}

/* What RFC 8461 sections 3.1 and 3.2 let be a name. */
static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!ascii_is_alnum(name.at[i]) && (i == 0 || !memchr("_-.", name.at[i], 3)))
            return false;
    return name.length > 0 && name.length <= NAME_MAX_OCTETS;
}

/* "name=value" in a record. */
static bool is_field(struct span field)
{
    struct span value = field;
    if (!is_name(span_cut(&value, '=')) || value.length == 0)
        return false;
    for (size_t i = 0; i < value.length; i++)
        if (value.at[i] <= ' ' || value.at[i] > '~' || value.at[i] == '=')
            return false;
    return true;
}

/* Others are not looked at (section 3.1). */
static bool is_ours(struct span record)
{
    struct span version = SPAN("v=STSv1"), rest = span_skip(record, version.length);
    size_t delimiter = span_find(rest, ';');
    return span_equals(span_first(record, version.length), version) && delimiter < rest.length &&
           span_trim(span_first(rest, delimiter)).length == 0;
}

static bool ends_with_delimiter(struct span s)
{
    return s.length > 0 && s.at[s.length - 1] == ';';
}

static bool read_record(struct span record, struct span *id)
{
    *id = span_first(record, 0);
    record = span_trim(record);
    if (ends_with_delimiter(record)) /* one is allowed there */
        record = span_trim(span_first(record, record.length - 1));
    if (ends_with_delimiter(record))
        return false;
    span_cut(&record, ';'); /* the version */
    while (record.length > 0) {
        struct span field = span_trim(span_cut(&record, ';'));
        if (!is_field(field))
            return false;
        if (id->length == 0 && span_equals(span_first(field, 3), SPAN("id=")))
            *id = span_skip(field, 3);
    }
    return is_id(*id);
}

bool smtp_policy_id(const struct span *records, size_t count, char id[SMTP_POLICY_ID_MAX + 1])
{
    size_t ours = 0, which = 0;
    struct span found;
    for (size_t i = 0; i < count; i++) {
        if (is_ours(records[i])) {
            ours++;
            which = i;
        }
    }
    return ours == 1 && read_record(records[which], &found) && span_copy(found, id, SMTP_POLICY_ID_MAX + 1);
}

/* ---------------------------------------------------------------- the file */

static bool add_pattern(struct smtp_policy *policy, struct span pattern)
{
    if (pattern.length >= SMTP_POLICY_PATTERNS_MAX - policy->patterns_length)
        return false;
    for (size_t i = 0; i < pattern.length; i++)
        policy->patterns[policy->patterns_length++] = ascii_lower(pattern.at[i]);
    policy->patterns[policy->patterns_length++] = '\0';
    return true;
}

static struct span without_final_dot(struct span name)
{
    return name.length > 0 && name.at[name.length - 1] == '.' ? span_first(name, name.length - 1) : name;
}

static enum smtp_policy_status read_mx(struct smtp_policy *policy, struct span value)
{
    bool has_star = span_equals(span_first(value, 2), SPAN("*."));
    if (!smtp_domain_valid(has_star ? span_skip(value, 2) : value, false))
        return SMTP_POLICY_MX;
    return add_pattern(policy, without_final_dot(value)) ? SMTP_POLICY_OK : SMTP_POLICY_TOO_LONG;
}

static enum smtp_policy_status read_mode(struct smtp_policy *policy, struct span value)
{
    if (span_equals(value, SPAN("enforce")))
        policy->mode = SMTP_POLICY_MODE_ENFORCE;
    else if (span_equals(value, SPAN("testing")))
        policy->mode = SMTP_POLICY_MODE_TESTING;
    else if (span_equals(value, SPAN("none")))
        policy->mode = SMTP_POLICY_MODE_NONE;
    else
        return SMTP_POLICY_MODE;
    return SMTP_POLICY_OK;
}

/* More than a year is a year: the policy is meant to hold, and not to be thrown away for it. */
static enum smtp_policy_status read_max_age(struct smtp_policy *policy, struct span value)
{
    uint64_t seconds;
    if (!span_to_number(value, UINT64_C(9999999999), &seconds))
        return SMTP_POLICY_MAX_AGE;
    policy->max_age_s = seconds < SMTP_POLICY_AGE_MAX_S ? (uint32_t)seconds : SMTP_POLICY_AGE_MAX_S;
    return SMTP_POLICY_OK;
}

/* Of keys that come twice the first counts, but for mx (section 3.2). */
struct keys_seen {
    bool version, mode, max_age;
};

static bool is_first(bool *seen)
{
    bool first = !*seen;
    *seen = true;
    return first;
}

static enum smtp_policy_status read_line(struct smtp_policy *policy, struct keys_seen *seen, struct span line)
{
    struct span value = line, key = span_cut(&value, ':');
    if (key.length == line.length || !is_name(key))
        return SMTP_POLICY_SYNTAX;
    value = span_trim(value);
    if (span_equals(key, SPAN("mx")))
        return read_mx(policy, value);
    if (span_equals(key, SPAN("version")) && is_first(&seen->version))
        return span_equals(value, SPAN("STSv1")) ? SMTP_POLICY_OK : SMTP_POLICY_VERSION;
    if (span_equals(key, SPAN("mode")) && is_first(&seen->mode))
        return read_mode(policy, value);
    if (span_equals(key, SPAN("max_age")) && is_first(&seen->max_age))
        return read_max_age(policy, value);
    return SMTP_POLICY_OK; /* a repetition, or something of a later version */
}

enum smtp_policy_status smtp_policy_parse(struct span file, struct smtp_policy *policy)
{
    struct keys_seen seen = {.version = false};
    policy->mode = SMTP_POLICY_MODE_NONE;
    policy->max_age_s = 0;
    policy->patterns_length = 0;
    if (file.length > SMTP_POLICY_FILE_MAX)
        return SMTP_POLICY_TOO_LONG;
    while (file.length > 0) {
        struct span line = span_cut(&file, '\n');
        if (line.length > 0 && line.at[line.length - 1] == '\r')
            line.length--;
        if (span_trim(line).length == 0)
            continue; /* not in the standard, but in many files */
        enum smtp_policy_status status = read_line(policy, &seen, line);
        if (status != SMTP_POLICY_OK)
            return status;
    }
    if (!seen.version)
        return SMTP_POLICY_VERSION;
    if (!seen.mode)
        return SMTP_POLICY_MODE;
    if (!seen.max_age)
        return SMTP_POLICY_MAX_AGE;
    return policy->patterns_length > 0 || policy->mode == SMTP_POLICY_MODE_NONE ? SMTP_POLICY_OK
                                                                                : SMTP_POLICY_MX;
}

const char *smtp_policy_status_name(enum smtp_policy_status status)
{
    static const char *const names[] = {
        [SMTP_POLICY_OK] = "well",
        [SMTP_POLICY_SYNTAX] = "a line without a colon",
        [SMTP_POLICY_VERSION] = "no version STSv1",
        [SMTP_POLICY_MODE] = "no mode that is known",
        [SMTP_POLICY_MAX_AGE] = "no max_age",
        [SMTP_POLICY_MX] = "no mx, or one that is no name",
        [SMTP_POLICY_TOO_LONG] = "too long",
    };
    return names[status];
}

/* ---------------------------------------------------------------- comparison */

static bool matches(struct span pattern, struct span host)
{
    if (!span_equals(span_first(pattern, 2), SPAN("*.")))
        return span_equals_nocase(pattern, host);
    struct span label = span_cut(&host, '.');
    return label.length > 0 && span_equals_nocase(span_skip(pattern, 2), host);
}

bool smtp_policy_allows(const struct smtp_policy *policy, const char *host)
{
    struct span name = without_final_dot(span_of(host));
    for (size_t at = 0; at < policy->patterns_length; at += strlen(policy->patterns + at) + 1)
        if (name.length > 0 && matches(span_of(policy->patterns + at), name))
            return true;
    return false;
}
