/* SPDX-License-Identifier: MIT */
#ifndef TRAYPOST_TESTS_CERTIFICATES_H
#define TRAYPOST_TESTS_CERTIFICATES_H

/* For tests only: the keys are no secrets. mx.one.test by "Test CA", one for each kind of key, and one that expired
 * before anything here was written. */

static const char ca_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                     "MIIBiDCCAS6gAwIBAgIUG5gKNoOHQ9sFu0XpMwl35CjuhqgwCgYIKoZIzj0EAwIw\n"
                                     "EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjIyMDIxMDJaGA8yMTI2MTAyOTIw\n"
                                     "MjEwMlowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
                                     "A0IABMJb9yl4SNo+eDOdD6eRT/mC7ux5q2MmnP71teQq/Eg2kfqwc9vCVzxTT7nB\n"
                                     "IhRKgFeQIm2t1wEYqeU07J2eUxWjYDBeMB0GA1UdDgQWBBQx+nnZhX4XDHx1klX4\n"
                                     "rUcItYOLbzAfBgNVHSMEGDAWgBQx+nnZhX4XDHx1klX4rUcItYOLbzAPBgNVHRMB\n"
                                     "Af8EBTADAQH/MAsGA1UdDwQEAwICBDAKBggqhkjOPQQDAgNIADBFAiEA+42g88l3\n"
                                     "SE+3uUqG4fZgp0abH7VzVcONLPg87DRVtMgCIG29QqwMJqPuYpAMm99ptwv0Y543\n"
                                     "TN6igFXHSVlDFhXr\n"
                                     "-----END CERTIFICATE-----\n";

static const char ec_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                     "MIIBkjCCATegAwIBAgIUVvoX+91kO9X1ioRJcuyvogugflMwCgYIKoZIzj0EAwIw\n"
                                     "EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjIyMDIxMDJaGA8yMTI2MTAyOTIw\n"
                                     "MjEwMlowFjEUMBIGA1UEAwwLbXgub25lLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
                                     "PQMBBwNCAASNsOowC+xCkdx6R3fQitaeEbeUmmEivN8g8mZX73lW0CfRvXSOdNn4\n"
                                     "UHuddINC/eZOdb1DGxDzFz5Wvyn1PRsgo2UwYzAWBgNVHREEDzANggtteC5vbmUu\n"
                                     "dGVzdDAJBgNVHRMEAjAAMB0GA1UdDgQWBBS82HRQUeelV30/d40MJ2qlVny2djAf\n"
                                     "BgNVHSMEGDAWgBQx+nnZhX4XDHx1klX4rUcItYOLbzAKBggqhkjOPQQDAgNJADBG\n"
                                     "AiEA4IlH1OhCN6jKkLHSoD/f59FVNH2AwRzosyiYS342Q3cCIQDNEGWsQSUzfXTl\n"
                                     "i7IBTNJVD1UI3g7pYXrqvQBvxgP4ZA==\n"
                                     "-----END CERTIFICATE-----\n";

static const char expired_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                          "MIIBkDCCATWgAwIBAgIUVvoX+91kO9X1ioRJcuyvogugflUwCgYIKoZIzj0EAwIw\n"
                                          "EjEQMA4GA1UEAwwHVGVzdCBDQTAeFw0yNjExMjIyMDIxMDJaFw0yNjExMjEyMDIx\n"
                                          "MDJaMBYxFDASBgNVBAMMC214Lm9uZS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
                                          "AQcDQgAEjbDqMAvsQpHcekd30IrWnhG3lJphIrzfIPJmV+95VtAn0b10jnTZ+FB7\n"
                                          "nXSDQv3mTnW9QxsQ8xc+Vr8p9T0bIKNlMGMwFgYDVR0RBA8wDYILbXgub25lLnRl\n"
                                          "c3QwCQYDVR0TBAIwADAdBgNVHQ4EFgQUvNh0UFHnpVd9P3eNDCdqpVZ8tnYwHwYD\n"
                                          "VR0jBBgwFoAUMfp52YV+Fwx8dZJV+K1HCLWDi28wCgYIKoZIzj0EAwIDSQAwRgIh\n"
                                          "AOAjHNdt6Slyfy8T2haulvKdCfP8paO9tXcSRa3NwpnbAiEA8fj/N7gdu3SZZh45\n"
                                          "ejfNFVTwVyE+pn7uHCSMdtlkCdA=\n"
                                          "-----END CERTIFICATE-----\n";

/* A web server's, by nobody but itself, with the key of ec_certificate. */
static const char web_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                      "MIIBpjCCAU2gAwIBAgIUfbyJPmBPQqm2H/4qKSJ8hfVTa6EwCgYIKoZIzj0EAwIw\n"
                                      "GzEZMBcGA1UEAwwQbXRhLXN0cy5vbmUudGVzdDAgFw0yNjExMjkwMDQ3MTlaGA8y\n"
                                      "MTI2MTEwNTAwNDcxOVowGzEZMBcGA1UEAwwQbXRhLXN0cy5vbmUudGVzdDBZMBMG\n"
                                      "ByqGSM49AgEGCCqGSM49AwEHA0IABI2w6jAL7EKR3HpHd9CK1p4Rt5SaYSK83yDy\n"
                                      "ZlfveVbQJ9G9dI502fhQe510g0L95k51vUMbEPMXPla/KfU9GyCjbTBrMB0GA1Ud\n"
                                      "DgQWBBS82HRQUeelV30/d40MJ2qlVny2djAfBgNVHSMEGDAWgBS82HRQUeelV30/\n"
                                      "d40MJ2qlVny2djAbBgNVHREEFDASghBtdGEtc3RzLm9uZS50ZXN0MAwGA1UdEwEB\n"
                                      "/wQCMAAwCgYIKoZIzj0EAwIDRwAwRAIgPbif6onaWAoP9FqsDcFl0FuU0j3YOwGV\n"
                                      "YGBR55tL/rgCIBHuY/pGOuarVQwbfuH4V7L7l2xIt10qxLE/TO7nd5cA\n"
                                      "-----END CERTIFICATE-----\n";

/* mx.one.test by its subject alone, by nobody but itself, with the key of ec_certificate. */
static const char nameless_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                           "MIIBXDCCAQKgAwIBAgIUNFjw2d+vv7mxuMH/9L2OykMxPaEwCgYIKoZIzj0EAwIw\n"
                                           "FjEUMBIGA1UEAwwLbXgub25lLnRlc3QwIBcNMjYxMTI5MTExNDM4WhgPMjEyNjEx\n"
                                           "MDUxMTE0MzhaMBYxFDASBgNVBAMMC214Lm9uZS50ZXN0MFkwEwYHKoZIzj0CAQYI\n"
                                           "KoZIzj0DAQcDQgAEjbDqMAvsQpHcekd30IrWnhG3lJphIrzfIPJmV+95VtAn0b10\n"
                                           "jnTZ+FB7nXSDQv3mTnW9QxsQ8xc+Vr8p9T0bIKMsMCowCQYDVR0TBAIwADAdBgNV\n"
                                           "HQ4EFgQUvNh0UFHnpVd9P3eNDCdqpVZ8tnYwCgYIKoZIzj0EAwIDSAAwRQIgMu4i\n"
                                           "h7UvLV3LtjJLW+lJkqRnWqWBipQF0BOwep5+nfsCIQDzF3WrbfXiZIidRycoQo7f\n"
                                           "0EshZOcvXmtL8g173kZFFQ==\n"
                                           "-----END CERTIFICATE-----\n";

static const char ec_key[] = "-----BEGIN EC PRIVATE KEY-----\n"
                             "MHcCAQEEII7YTy1tXD7p+YDhg4KTjIz280iF2q1xYkeeI/k9NuqpoAoGCCqGSM49\n"
                             "AwEHoUQDQgAEjbDqMAvsQpHcekd30IrWnhG3lJphIrzfIPJmV+95VtAn0b10jnTZ\n"
                             "+FB7nXSDQv3mTnW9QxsQ8xc+Vr8p9T0bIA==\n"
                             "-----END EC PRIVATE KEY-----\n";

static const char rsa_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                      "MIICXDCCAgKgAwIBAgIUVvoX+91kO9X1ioRJcuyvogugflQwCgYIKoZIzj0EAwIw\n"
                                      "EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjIyMDIxMDJaGA8yMTI2MTAyOTIw\n"
                                      "MjEwMlowFjEUMBIGA1UEAwwLbXgub25lLnRlc3QwggEiMA0GCSqGSIb3DQEBAQUA\n"
                                      "A4IBDwAwggEKAoIBAQDCpMA/S2GG4IUdVPgl3nu7bYT4c0SAr93mkoAUvCcHhwdf\n"
                                      "Ykd7V+s7wGkrnFW8aILINvcZbYgHmmzUh91TZIR9OU4rbeDS80ewlGZCAPYbkzcF\n"
                                      "NHwKCmA4VQlhqhKwExO2bOX2M8WWU01NWktdQmf8Hr/uZ5PAFTsWrlaY6v6VQap1\n"
                                      "bc5+IVC66LHZOxllMqkoe3fGSNRnjSUKufcijIMCIM6pOE0npb/o//RM2vjjZtP+\n"
                                      "3hJ7+5+DG0AuqhICrFhdaqum/bMcb372C+GKnU6bIj2YcKUQNQ6PJZ/2YsGm3tVC\n"
                                      "v39bf/Amm4CbLMwHERGQOVMtrZh2Xth+RN6jOWpfAgMBAAGjZTBjMBYGA1UdEQQP\n"
                                      "MA2CC214Lm9uZS50ZXN0MAkGA1UdEwQCMAAwHQYDVR0OBBYEFKTX/dZBOM0dO38j\n"
                                      "qLDoIe+tUP3NMB8GA1UdIwQYMBaAFDH6edmFfhcMfHWSVfitRwi1g4tvMAoGCCqG\n"
                                      "SM49BAMCA0gAMEUCIEWIswYX2dEAW7zPRPrP+KAg71CcJGr8eH87rpd32hueAiEA\n"
                                      "0hQbZc8PDEXR89hE1fVyKKofrcYrGIzCobOCKTuUhHA=\n"
                                      "-----END CERTIFICATE-----\n";

static const char rsa_key[] = "-----BEGIN RSA PRIVATE KEY-----\n"
                              "MIIEowIBAAKCAQEAwqTAP0thhuCFHVT4Jd57u22E+HNEgK/d5pKAFLwnB4cHX2JH\n"
                              "e1frO8BpK5xVvGiCyDb3GW2IB5ps1IfdU2SEfTlOK23g0vNHsJRmQgD2G5M3BTR8\n"
                              "CgpgOFUJYaoSsBMTtmzl9jPFllNNTVpLXUJn/B6/7meTwBU7Fq5WmOr+lUGqdW3O\n"
                              "fiFQuuix2TsZZTKpKHt3xkjUZ40lCrn3IoyDAiDOqThNJ6W/6P/0TNr442bT/t4S\n"
                              "e/ufgxtALqoSAqxYXWqrpv2zHG9+9gvhip1OmyI9mHClEDUOjyWf9mLBpt7VQr9/\n"
                              "W3/wJpuAmyzMBxERkDlTLa2Ydl7YfkTeozlqXwIDAQABAoIBAAJpP7e+ViPGwI9i\n"
                              "SpKkL2cyePJfnH/K7euZxqa7GpwAGF9znGFoROc1angaVIDkJd6XY7c3wUwgJcH6\n"
                              "OYvQvnK9/3xlPOLlau7CioO9zE6qI6/XpxkJaN4PG5x58AeorNar1wDA7RfVdKsv\n"
                              "zP2HluSAza2FMJzcBnfboAH+mI8TvsaMgzQ210EKHVLsO4sKWd3P1yIJ9Yg6P3ZY\n"
                              "qmDGXrzphwcckZKPetR4WQbsONMFvWN0Hq8lKLIAJvi1g0sXBT27k0gzAJsEYRpL\n"
                              "F4he5mrcMaG3DxqXsmqoLNmc7k6CmQDz+SHfkgmIztYtjvL+nfHItuWQ+XXLQSyx\n"
                              "MQeRXR0CgYEA9VUMwjIJDQdHD57ZKGafR6vQu5kELxx4KIU1V0TAtLB+nPdKf8fI\n"
                              "9sr8ArnqC42kpQVcbszIKl2IMv1NIXMrBjTrWOVVi1Q/yor3kz09M7rPJllo2UGl\n"
                              "Z9/MieQ4CFqjX/Hz9w/EHMINiHxkKVvpkqmIhZoYyPFsHDnPzD1QP10CgYEAyxtz\n"
                              "/lnZripKpOWKGtkViedXxEGGlLtbuCtKsIugIL4hZf81U0yBX3FrDy7LzBhaXG1W\n"
                              "SjQBvMhjZF/T0guzdcOK7vilU44QcuEPAAF0CbaqSJ/9FElKHeAXSLJSRW42q9pJ\n"
                              "5wzQFoa2Uf7PbXcaYD1bmvtQlaz7DJb1tiIYQOsCgYEAgho3aOjl+d3JJpSD7zP0\n"
                              "9io8yK/OEznS0xJJhl00oN4UVyOhg4AsqAxfdwanArd7//OG4E+DO0xcxUWlWL7d\n"
                              "qy33PS5pnjjwl3X480F/qmZAIsM5ojV5BUwfCWVY/b0rdN84FOZshx+105K7/175\n"
                              "0EhN2SQuTqoRPiq+cz50xxUCgYAprhuSocurEyC4UCaUNeJWp3P6YVwF36EF3VR5\n"
                              "gF2++mWOMd42lueht3u55OeLnZ/FgeaIWb3ViOXkrkmgvCf6zcMQIVSEHg5AFPFo\n"
                              "FeRDLgop1zMvW47rLJZ6o6WAfAqaH7S0xotZZBG8J+dXVm7COzU2S8aQwKvQPJZ1\n"
                              "5u9FOwKBgEz2ynWaBrxnMq4Y7otPfR9igHAoGI3OnR+0vD0M+rdjbU/XJaan+17d\n"
                              "2A8kGZhVJ8JVRPKQPvUD7IEKK67e5cSWkIZ3SRz31wOTq6Uzieug4iz7mHxswJZC\n"
                              "7wbeESofuM/jRvqpVa1e+XT98enk7AdK/V++BdjdBLdEr85JF+s/\n"
                              "-----END RSA PRIVATE KEY-----\n";

#endif
