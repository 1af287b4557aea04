/* SPDX-License-Identifier: MIT */
/*
 * Whom this computer trusts: Windows is asked, and not its store of roots, because most roots come into the store only when
 * Windows meets the first certificate that needs them. Revocation is not looked up: a mail would wait for a third party.
 */

#include "platform.h"

#include <windows.h>

#include <wincrypt.h>

static enum platform_trust translate_chain(DWORD errors)
{
    if (errors & CERT_TRUST_IS_REVOKED)
        return PLATFORM_TRUST_REVOKED;
    if (errors & (CERT_TRUST_IS_UNTRUSTED_ROOT | CERT_TRUST_IS_PARTIAL_CHAIN))
        return PLATFORM_TRUST_UNKNOWN;
    if (errors & CERT_TRUST_IS_NOT_TIME_VALID)
        return PLATFORM_TRUST_EXPIRED;
    return errors ? PLATFORM_TRUST_FAILED : PLATFORM_TRUST_GOOD;
}

static enum platform_trust translate_policy(DWORD error)
{
    switch (error) {
    case 0:
        return PLATFORM_TRUST_GOOD;
    case (DWORD)CERT_E_CN_NO_MATCH:
        return PLATFORM_TRUST_OTHER_NAME;
    case (DWORD)CERT_E_EXPIRED:
        return PLATFORM_TRUST_EXPIRED;
    case (DWORD)CERT_E_UNTRUSTEDROOT:
    case (DWORD)CERT_E_CHAINING:
        return PLATFORM_TRUST_UNKNOWN;
    default:
        return PLATFORM_TRUST_FAILED;
    }
}

/* Does the chain belong to a server of this name? */
static enum platform_trust judge_name(PCCERT_CHAIN_CONTEXT chain, const char *host)
{
    wchar_t name[256];
    if (MultiByteToWideChar(CP_UTF8, 0, host, -1, name, sizeof name / sizeof *name) == 0)
        return PLATFORM_TRUST_OTHER_NAME;
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA server = {
        .cbSize = sizeof server, .dwAuthType = AUTHTYPE_SERVER, .pwszServerName = name};
    CERT_CHAIN_POLICY_PARA question = {.cbSize = sizeof question, .pvExtraPolicyPara = &server};
    CERT_CHAIN_POLICY_STATUS answer = {.cbSize = sizeof answer};
    if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &question, &answer))
        return PLATFORM_TRUST_FAILED;
    return translate_policy(answer.dwError);
}

/* Windows would also be content with a name in the subject, RFC 8461 sections 3.3 and 4.2 are not. */
static bool has_dns_name(PCCERT_CONTEXT certificate)
{
    const CERT_INFO *info = certificate->pCertInfo;
    PCERT_EXTENSION names = CertFindExtension(szOID_SUBJECT_ALT_NAME2, info->cExtension, info->rgExtension);
    CERT_ALT_NAME_INFO *list = NULL;
    DWORD size;
    bool found = false;
    if (!names || !CryptDecodeObjectEx(X509_ASN_ENCODING, X509_ALTERNATE_NAME, names->Value.pbData,
                                       names->Value.cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &list, &size))
        return false;
    for (DWORD i = 0; i < list->cAltEntry && !found; i++)
        found = list->rgAltEntry[i].dwAltNameChoice == CERT_ALT_NAME_DNS_NAME;
    LocalFree(list);
    return found;
}

static enum platform_trust judge(PCCERT_CONTEXT certificate, HCERTSTORE others, const char *host)
{
    LPSTR usages[] = {(char[]){szOID_PKIX_KP_SERVER_AUTH}};
    CERT_CHAIN_PARA question = {
        .cbSize = sizeof question,
        .RequestedUsage = {.dwType = USAGE_MATCH_TYPE_OR,
                           .Usage = {.cUsageIdentifier = 1, .rgpszUsageIdentifier = usages}}};
    PCCERT_CHAIN_CONTEXT chain;
    if (!CertGetCertificateChain(NULL, certificate, NULL, others, &question, 0, NULL, &chain))
        return PLATFORM_TRUST_FAILED;
    /* Both are asked: Wine's policy is content with a root that nobody trusts. */
    enum platform_trust trust = translate_chain(chain->TrustStatus.dwErrorStatus);
    if (trust == PLATFORM_TRUST_GOOD)
        trust = has_dns_name(certificate) ? judge_name(chain, host) : PLATFORM_TRUST_OTHER_NAME;
    CertFreeCertificateChain(chain);
    return trust;
}

enum platform_trust platform_judge_certificate(const struct span *certificates, size_t count,
                                               const char *host)
{
    enum platform_trust trust = PLATFORM_TRUST_FAILED;
    PCCERT_CONTEXT first = NULL;
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    if (!store)
        return trust;
    for (size_t i = 0; i < count;
         i++) /* one that cannot be read leads nowhere; without the first there is no answer */
        CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, (const BYTE *)certificates[i].at,
                                         (DWORD)certificates[i].length, CERT_STORE_ADD_ALWAYS,
                                         i == 0 ? &first : NULL);
    if (first) {
        trust = judge(first, store, host);
        CertFreeCertificateContext(first);
    }
    CertCloseStore(store, 0);
    return trust;
}
