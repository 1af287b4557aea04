/* SPDX-License-Identifier: MIT */
/*
 * The rules. Phrases are as long as they must be to mean one thing only: "spam" alone stands in half of all refusals
 * ("to protect our users from spam"), and "virus", "rbl" or "full" in words that mean something else. When a reply is
 * recognised wrongly, add it to tests/unit/test_refusal.c first.
 */

#include "refusal_rules.h"

/* clang-format off */

#define NO_CODE RULE_ANY, 0, 0
#define DETAIL(subject, detail) subject, detail, detail
#define DETAILS(subject, first, last) subject, first, last

const struct refusal_rule refusal_rules[] = {

/* ---- mistaken listings come before listings: here the reply is not about this computer at all ---- */
{REFUSAL_BLOCK_LIST_BROKEN, 0, NO_CODE,
    "open resolver|query refused|spamhaus.org/returnc|127.255.255."},

/* ---- one provider's own words ---- */
{REFUSAL_IPV6_POLICY, 0, NO_CODE,
    "ipv6 sending guidelines|sending ipv6 address|does not accept email over ipv6|sent over ipv6"},
{REFUSAL_HOME_ADDRESS, 0, NO_CODE, "not authorized to*send email directly to our servers"},
{REFUSAL_MICROSOFT_BLOCK, 0, NO_CODE, "their network is on our block list"},
{REFUSAL_MICROSOFT_BLOCK, 5, DETAILS(7, 606, 649), "banned sending ip"},
{REFUSAL_MICROSOFT_BLOCK, 5, DETAIL(7, 511), "banned sender"},
{REFUSAL_MICROSOFT_TRAFFIC, 0, NO_CODE, "traffic not accepted from this ip"},
{REFUSAL_MICROSOFT_AUTHENTICATION, 0, DETAIL(7, 515), NULL},
{REFUSAL_DIRECT_SEND, 0, NO_CODE, "direct send not allowed"},
{REFUSAL_INSIDERS_ONLY, 0, NO_CODE,
    "resolver.rst.sendernotauthenticated|resolver.rst.authrequired|resolver.rst.notauthorized|"
    "not have permission to send|only accepts mail from people in"},
{REFUSAL_SENDER_BLOCKED, 0, NO_CODE, "using customer block list"},
{REFUSAL_NO_SUCH_USER, 5, DETAIL(4, 1), "recipient address* rejected*access denied"},
{REFUSAL_RECIPIENT_BUSY, 0, DETAIL(2, 122), NULL},
{REFUSAL_THROTTLED, 0, DETAIL(2, 121), NULL},
{REFUSAL_THROTTLED, 0, DETAILS(7, 650, 651), "rate limited due to ip reputation"},
{REFUSAL_HOME_ADDRESS, 0, NO_CODE, "dialup/transient ip not allowed"},
{REFUSAL_TELEKOM, 0, NO_CODE, "ip*ask your postmaster for help*@*(bl)|ip*ask your postmaster for help*@*(nowl)"},
{REFUSAL_TRY_LATER, 4, NO_CODE, "organization queue quota"},
{REFUSAL_TLS_REQUIRED, 0, NO_CODE, "not using a tls connection"},
{REFUSAL_GREYLISTED, 4, NO_CODE, "[gl01]"},
{REFUSAL_REPUTATION, 0, NO_CODE,
    "all messages from*will be permanently deferred|your access to submit messages to this e-mail system has been rejected"},

/* ---- where the mail comes from ---- */
{REFUSAL_PORT_25_BLOCKED, 0, NO_CODE,
    "port 25 is blocked|port 25 blocked|port 25 is not allowed|outbound port 25|outgoing port 25|port 25 outbound"},
{REFUSAL_HOME_ADDRESS, 0, NO_CODE,
    "pbl.spamhaus|spamhaus.org/pbl|spamhaus pbl|listed by pbl|policy block list|dynamic ip|dynamic address|dynamically assigned|"
    "dialup|dial-up ip|dial-up address|residential ip|dul.dnsbl|dul.ru|rtr:du|rtr:bb|dy-001"},
{REFUSAL_SENDER_DOMAIN_LISTED, 0, NO_CODE,
    "mailfrom domain is listed|helo domain is listed|sender address [@] blocked using|sender domain*blocked using|"
    "very low reputation of the sending domain|present in the spamhaus dbl"},
{REFUSAL_SPAM_LINK, 0, NO_CODE,
    "spam url|spammy url|a url in this email*is listed|contains*url listed|blacklisted url|url*blacklisted|in the uribl|"
    "listed in*surbl"},
{REFUSAL_NO_PTR, 0, NO_CODE,
    "cannot find your hostname|cannot find your reverse hostname|have a ptr record|no dns ptr record|no ptr record|"
    "missing ptr record|bad dns ptr|fix reverse dns|no reverse dns|reverse dns lookup fail|rtr:rd|"
    "invalid reverse dns|must have*reverse dns|does not have*reverse dns|without*reverse dns|missing reverse dns|"
    "invalid dns ptr|reverse dns entry does not resolve|access denied. ip name lookup failed|"
    "access denied. ip name possibly forged"},
{REFUSAL_BAD_HELO, 0, NO_CODE,
    "helo command rejected|invalid helo|bad helo|helo/ehlo argument|helo name|ehlo name|helo hostname|helo required"},
{REFUSAL_SENDER_BLOCKED, 0, NO_CODE,
    "sender is blacklisted|blacklisted by recipient|in recipient's blacklist|blocked senders|user entry|"
    "recipient doesn't want your mail|rejected by recipient|rejected by this user|blocked by recipient|"
    "sender address rejected: access denied|sender address rejected: blocked|sender blocked"},
{REFUSAL_GREYLISTED, 4, NO_CODE, "greylist|graylist|grey-list|gray-list|grey list|postgrey"},
{REFUSAL_BLOCK_LIST, 0, NO_CODE,
    "client*blocked using|host*blocked by*rbl|] blocked using|"
    "spamhaus's list|on spamhaus|listed at zen.|listed by spamhaus|blacklisted by spamhaus|blocked by spamhaus|"
    "listed in spamhaus|blocked using spamhaus|spamhaus.org/query/ip|spamhaus.org/query/bl|spamhaus.org/lookup|spamcop.net/bl|"
    "barracudanetworks.com/reputation|barracudacentral.org|sorbs.net/lookup|csi.cloudmark.com|"
    "in an rbl|found in dnsbl|dns blacklist|realtime block list|dnsbl:|more dnsbls|is in a black list| ip*is blacklisted|host*is blacklisted|"
    " ip blacklisted|ip address is black listed|ip address is block listed|ip address is listed|is listed by|"
    "is listed at|is listed on|address is blocked by|listed by invaluement|zen.spamhaus.org|sbl.spamhaus.org|"
    "xbl.spamhaus.org|spamhaus sbl|listed at spamhaus|dnsbl.sorbs|listed at dnsbl|ip address was rejected by|"
    "ipcheck.proofpoint.com|proofpoint.com/dnsbl-lookup|hostkarma|comcast block for spam"},
{REFUSAL_REPUTATION, 0, NO_CODE,
    "poor reputation|bad reputation|reputation of the sending ip|low reputation of your ip|due to ip reputation|"
    "sender ip reputation"},

/* ---- who it says it is from; the codes are those of RFC 7372 ---- */
{REFUSAL_DMARC, 0, NO_CODE,
    "dmarc policy|due to dmarc|per dmarc|dmarc fail|fails dmarc|failed dmarc|fail dmarc|pass dmarc verification|"
    "dmarc check failed|no dmarc alignment|dmarc sender invalid|dmarc evaluation|rejected by dmarc|violates dmarc"},
{REFUSAL_UNAUTHENTICATED, 0, NO_CODE,
    "either spf or dkim|fails to pass authentication checks|fails to pass*authentication checks|"
    "mail is unauthenticated|aligned with either"},
{REFUSAL_SPF, 0, NO_CODE,
    "spf check failed|spf-check failed|spf check: fail|spf fail|blocked by spf|fails to pass spf|"
    "spf record with a hard fail|spf policy|[spf]*not allowed to send|sender policy framework violation|"
    "senders to authenticate with spf|authenticate their email with spf|openspf|spf: fail|failed spf|"
    "rejected by spf|spf validation failed|spf authentication didn't pass|the spf record of the sending domain has|"
    "per it's spf record|is not allowed to send mail from"},
{REFUSAL_DKIM, 0, NO_CODE,
    "dkim does not pass|dkim authentication didn't pass|invalid dkim|dkim signature*invalid|dkim signature required|"
    "no passing dkim|dkim verification failed|dkim check failed"},
{REFUSAL_DKIM, 0, DETAILS(7, 20, 22), NULL},
{REFUSAL_SPF, 0, DETAIL(7, 23), NULL},
{REFUSAL_NO_PTR, 0, DETAIL(7, 25), NULL},
{REFUSAL_UNAUTHENTICATED, 0, DETAIL(7, 26), NULL},
{REFUSAL_SPOOFING, 0, NO_CODE, "anti-spoofing|spoofed message|sender address*forged|forged sender|spoofed sender"},
{REFUSAL_SENDER_DOMAIN, 0, NO_CODE,
    "sender address rejected: domain not found|sender address rejected: malformed|"
    "sender address rejected: need fully-qualified|domain of sender address @ does not|sender domain must exist|"
    "domain of sender address does not|domain of sender does not|invalid dns mx or a/aaaa|valid sender domain|"
    "sender domain does not exist|sender domain not found|sender address rejected: domain*does not accept mail|"
    "unable to verify sender domain|sender*nullmx"},
{REFUSAL_SENDER_NOT_VERIFIED, 0, NO_CODE,
    "sender verify failed|sender address verification|callback setup failed|sender callout|"
    "sender address rejected: unverified|sender address rejected: undeliverable|could not verify sender|"
    "sender verify fail"},

/* ---- who it is for; what is full or hasty before what does not exist ---- */
{REFUSAL_RECIPIENT_BUSY, 0, NO_CODE,
    "receiving mail too quickly|receiving mail at a rate|recipient has exceeded message rate|too many recent messages"},
{REFUSAL_THROTTLED, 0, NO_CODE,
    "unusual rate of|unexpected volume|user complaints|due to excessive volume|too many messages from|rate limited|"
    "rate limit exceeded|rate limit has been|exceeded the rate|sending quota|sending limit|sending rate|slow down|"
    "too many invalid recipients|too many unknown|sender frequency limited|too many mails|sent too many|"
    "limits for how many messages|too much mail from|frequency limited|mail send limit exceeded|"
    "has exceeded permitted limits within"},
{REFUSAL_TOO_MANY_CONNECTIONS, 0, NO_CODE,
    "too many connections|too many concurrent|concurrent connections|too many sessions|connection limit|"
    "max message per connection|too much load|connection rate"},
{REFUSAL_MAILBOX_FULL, 0, NO_CODE,
    "mailbox is full|mailbox full|mailbox for user is full|full mailbox|inbox is full|over quota|overquota|over its quota|"
    "out of storage space|exceeded storage allocation|mailbox size limit|mailbox quota|quota exceeded|"
    "quota is exceeded|user quota|exceeded*mailbox*quota|quota violation"},
{REFUSAL_ADDRESS_CHECK, 4, NO_CODE, "unverified address|address verification in progress"},
{REFUSAL_RELAY_DENIED, 0, NO_CODE,
    "relay access denied|relaying denied|relay denied|relaying not allowed|relaying disallowed|relay not permitted|"
    "relaying is not permitted|not permitted to relay|relaying prohibited|unable to relay|cannot relay|"
    "open relay not allowed|as a relay|no relaying|relay prohibited|we do not relay|domain not hosted here|"
    "invalid credentials for relay"},
{REFUSAL_MAILBOX_DISABLED, 0, NO_CODE,
    "account is disabled|mailbox is disabled|mailbox disabled|account disabled|account has been disabled|"
    "user is disabled|user disabled|that you tried to reach is disabled|that you tried to reach is inactive|"
    "inactive mailbox|mailbox is inactive|inactive user|account is inactive|account inactive|account expired|"
    "expired account|mailbox has been blocked due to inactivity|user is suspended|user suspended|"
    "mailbox is locked|account closed|account is closed|mailbox closed|deactivated|recipient address rejected: inactive|"
    "mailbox is frozen|recipient account is blocked|disabled recipient address"},
{REFUSAL_NO_SUCH_USER, 0, NO_CODE,
    "user unknown|unknown user|no such user|no such mailbox|no such recipient|no such address|no such person|"
    "no such account|user does not exist|user doesn't exist|account does not exist|account not found|"
    "mailbox not found|mailbox does not exist|mailbox unallocated|recipient does not exist|address does not exist|"
    "that you tried to reach does not exist|no mailbox here|no mailbox by that name|recipient not found|"
    "recipient unknown|unknown recipient|unknown mailbox|unknown local|recipientnotfound|invalid recipient|"
    "invalid mailbox|not a valid mailbox|not a valid email address|not a valid recipient|user not found|"
    "addressee unknown|not our customer|address could not be found|this user doesn't have a|is no longer valid|"
    "not in recipient list|recipient address rejected: invalid-recipient|no longer on server|"
    "recipient address rejected: undeliverable address|user not exist|#5.1.0 address rejected"},
{REFUSAL_RECIPIENT_MOVED, 551, NO_CODE, "user not local|has moved"},
{REFUSAL_RECIPIENT_SYNTAX, 5, NO_CODE,
    "not a valid rfc-5321 address|bad address syntax|bad recipient address syntax|malformed address|"
    "bad destination mailbox address syntax|invalid address|syntax error in mailbox"},
{REFUSAL_TOO_MANY_RECIPIENTS, 0, NO_CODE, "too many recipients|too many rcpts"},
{REFUSAL_TLS_REQUIRED, 0, NO_CODE,
    "must issue a starttls|starttls command first|starttls is required|requires starttls|tls required|"
    "tls is required|requires tls|encryption required|encryption is required|senders to use tls"},
{REFUSAL_LOGIN_REQUIRED, 0, NO_CODE,
    "authentication required|authentication is required|must authenticate|please authenticate|not authenticated|"
    "smtp auth is required|client was not authenticated"},

/* ---- what is in it ---- */
{REFUSAL_VIRUS, 0, NO_CODE,
    "virus detected|virus found|virus infected|virus [*] detected|contains a virus|contains virus|contains the virus|"
    "message contains malware|malware detected|message infected|infected message|infected attachment|"
    "reject*id=*- infected:"},
{REFUSAL_ATTACHMENT, 0, NO_CODE,
    "illegal attachment|attachment*not allowed|attachment*is blocked|blocked attachment|attachment type|"
    "forbidden attachment|limit of*attachments|number of attachments|banned file|file type*not allowed|"
    "presents a potential security issue|banned content|reject*id=*- banned:"},
{REFUSAL_BAD_FROM, 0, NO_CODE,
    "valid address in from|no from: header|from: header|multiple addresses in from|missing from header|missing from:"},
{REFUSAL_BAD_FORM, 0, NO_CODE,
    "not rfc*compliant|not rfc*conform|rfc 5322|rfc 2822|duplicate header|bare lf|bare cr|bare line|bare newline|"
    "barelinefeed|line too long|lines longer than|header size|header value|header name limit|header too|"
    "malformed message|malformed mime|malformed header|bad header|invalid header|missing date|headers too large|"
    "8-bit data in message header"},
{REFUSAL_LOOP, 0, NO_CODE, "too many hops|exceeded * hops|mail loop|loop detected|routing loop|loops back to|hop count exceeded"},
{REFUSAL_TOO_BIG, 0, NO_CODE,
    "message size exceeds|message is too large|message too large|message too big|message is too big|"
    "message length exceeds|exceeds fixed maximum|exceeds*maximum message size|exceeds*message size limit|"
    "exceeded*message size limit|maximum message size|size of your message|message exceeded*size|mail too big|mail size limit"},
{REFUSAL_SPAM, 0, NO_CODE,
    "spam message rejected|as spam|spam detected|suspicion of spam|rejected by spam filter|spam filter rejected|"
    "likely unsolicited|message is spam|looks like spam|probably spam|high spam|spam score|spam content|"
    "considered unsolicited|to be spam|spam rejected|nature of the content|mail content denied|high probability of spam|"
    "reject*id=*- spam |message content rejected, ube,|message filtered. refer to"},
{REFUSAL_POLICY, 0, NO_CODE,
    "for policy reasons|due to policy restrictions|local policy|security policies|security policy|policy violation|"
    "mailpolicy violation|email policy|policy rejection|administrative prohibition|prohibited by administrator|"
    "restricted by policy|policy error|administratively prohibited|denied by policy|"
    "has a policy that prohibited|ip not in whitelist for rcpt domain"},

/* ---- not now ---- */
{REFUSAL_SERVER_FULL, 4, NO_CODE,
    "insufficient system storage|insufficient disk|no space left|out of disk|disk full|not enough disk"},
{REFUSAL_TOO_SLOW, 4, NO_CODE, "timeout exceeded|timeout - closing|connection expired|timed out waiting|idle timeout"},
{REFUSAL_TRY_LATER, 4, NO_CODE,
    "try again|try later|retry later|come back later|server busy|service unavailable|service is currently unavailable|"
    "service currently unavailable|service not available|temporarily unavailable|service temporarily|temporary server error|temporary system|"
    "temporary lookup failure|temporary failure|temporary error|temporarily rejected|internal server error|"
    "server error|server configuration|system resources|local problem|error in processing|lookup error"},

/* ---- no words of use: what RFC 3463 says of the code ---- */
{REFUSAL_MAILBOX_UNAVAILABLE, 5, NO_CODE,
    "mailbox unavailable|mailbox not available|unrouteable address|mailbox temporarily|recipient unavailable"},
{REFUSAL_NO_SUCH_USER, 550, DETAIL(1, 1), NULL},
{REFUSAL_RECIPIENT_SYNTAX, 5, DETAIL(1, 3), NULL},
{REFUSAL_RECIPIENT_MOVED, 5, DETAIL(1, 6), NULL},
{REFUSAL_SENDER_DOMAIN, 0, DETAIL(1, 8), NULL},
{REFUSAL_MAILBOX_UNAVAILABLE, 5, DETAIL(2, 1), NULL},
{REFUSAL_MAILBOX_FULL, 0, DETAIL(2, 2), NULL},
{REFUSAL_TOO_BIG, 5, DETAIL(2, 3), NULL},
{REFUSAL_SERVER_FULL, 4, DETAIL(3, 1), NULL},
{REFUSAL_TOO_BIG, 5, DETAIL(3, 4), NULL},
{REFUSAL_LOOP, 5, DETAIL(4, 6), NULL},
{REFUSAL_TOO_MANY_RECIPIENTS, 0, DETAIL(5, 3), NULL},
{REFUSAL_TLS_REQUIRED, 0, DETAIL(7, 10), NULL},
};

/* clang-format on */

const size_t refusal_rule_count = sizeof refusal_rules / sizeof refusal_rules[0];
