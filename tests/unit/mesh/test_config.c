/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

#include "mesh/mesh_internal.h"

/* linkerd-config in all its shapes, and none. */

static void write_config(struct fixture *f, const char *ns, const char *values)
{
    struct gh_slice rest = gh_slice_str(values);
    struct gh_buf text GH_BUF_CLEANUP;
    struct gh_slice line;

    gh_buf_init(&text, 1u << 20);
    (void)gh_buf_addf(&text,
                      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "
                      "linkerd-config, namespace: %s}\ndata:\n  values: |\n",
                      ns);
    while (gh_slice_cut(&rest, '\n', &line))
        (void)gh_buf_addf(&text, "    %.*s\n", GH_FMT(line));
    fixture_write(f, ns, gh_buf_slice(&text));
}

static const struct gh_mesh_config *config_of(struct fixture *f,
                                              const char *values)
{
    write_config(f, "linkerd", values);
    return gh_mesh_config(f->mesh);
}

static bool holds(struct gh_nets nets, const char *address)
{
    struct gh_ip ip;

    assert_true(gh_ip_parse(gh_slice_str(address), &ip));
    return gh_nets_have(nets, ip);
}

static void assumes_defaults(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    const struct gh_mesh_config *c = gh_mesh_config(f->mesh);

    (void)state;
    assert_null(c->source);
    assert_null(c->problem.ptr);
    assert_null(c->version.ptr);
    assert_true(gh_slice_is(c->control_plane_ns, "linkerd"));
    assert_true(gh_slice_is(c->trust_domain, "cluster.local"));
    assert_true(gh_slice_is(c->cluster_domain, "cluster.local"));
    assert_int_equal(c->default_policy, GH_DEFAULT_ALL_UNAUTHENTICATED);
    assert_true(gh_slice_starts(c->opaque_ports, GH_SLICE("25,")));
    assert_int_equal(c->cluster_networks.count, 5);
    assert_true(holds(c->cluster_networks, "100.64.0.1"));
    assert_false(holds(c->cluster_networks, "100.128.0.1"));
    assert_true(holds(c->probe_networks, "8.8.8.8"));
    assert_true(holds(c->probe_networks, "2001:db8::1"));
}

static void reads_every_value(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    const struct gh_mesh_config *c;

    (void)state;
    write_config(f, "mesh-system",
                 "clusterDomain: k8s.example\n"
                 "identityTrustDomain: id.example\n"
                 "linkerdVersion: edge-26.8.1\n"
                 "clusterNetworks: 10.1.0.0/16, fd00::/8\n"
                 "policyController: {probeNetworks: [10.0.0.0/24, ::1/128]}\n"
                 "proxy:\n"
                 "  defaultInboundPolicy: cluster-authenticated\n"
                 "  opaquePorts: 25,9999\n");
    c = gh_mesh_config(f->mesh);
    assert_non_null(c->source);
    assert_true(gh_slice_is(c->control_plane_ns, "mesh-system"));
    assert_true(gh_slice_is(c->trust_domain, "id.example"));
    assert_true(gh_slice_is(c->cluster_domain, "k8s.example"));
    assert_true(gh_slice_is(c->version, "edge-26.8.1"));
    assert_true(gh_slice_is(c->opaque_ports, "25,9999"));
    assert_int_equal(c->default_policy, GH_DEFAULT_CLUSTER_AUTHENTICATED);
    assert_int_equal(c->cluster_networks.count, 2);
    assert_int_equal(c->probe_networks.count, 2);
    assert_true(holds(c->probe_networks, "10.0.0.255"));
    assert_false(holds(c->probe_networks, "10.0.1.0"));
}

static void falls_back(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    const struct gh_mesh_config *c;

    (void)state;
    /* The trust domain is the cluster's, unless it is given. */
    c = config_of(f, "clusterDomain: k8s.example");
    assert_true(gh_slice_is(c->trust_domain, "k8s.example"));
    c = config_of(f, "global: {identityTrustDomain: old.example}");
    assert_true(gh_slice_is(c->trust_domain, "old.example"));
    /* What is empty, of another type or unknown stays as it was. */
    c = config_of(f, "identityTrustDomain: \"\"\nlinkerdVersion: 3\n"
                     "clusterNetworks: 7\nproxy: {defaultInboundPolicy: x}");
    assert_true(gh_slice_is(c->trust_domain, "cluster.local"));
    assert_null(c->version.ptr);
    assert_int_equal(c->cluster_networks.count, 5);
    assert_int_equal(c->default_policy, GH_DEFAULT_ALL_UNAUTHENTICATED);
    assert_null(c->problem.ptr);
    c = config_of(f, "policyController: {probeNetworks: []}");
    assert_int_equal(c->probe_networks.count, 0);
    c = config_of(f, "clusterNetworks: \"\"");
    assert_int_equal(c->cluster_networks.count, 0);
    c = config_of(f, "# nothing at all");
    assert_null(c->problem.ptr);
}

static void says_what_it_cannot_read(void **state)
{
    static const char *const broken[] = {
        "proxy: {a: b",
        "a: 1\na: 2",
        "proxy: [1, 2\nx: *nowhere",
    };
    struct fixture *f FIXTURE_CLEANUP = fixture_new();

    (void)state;
    for (size_t i = 0; i < GH_COUNT(broken); i++) {
        const struct gh_mesh_config *c = config_of(f, broken[i]);

        if (!gh_slice_starts(c->problem, GH_SLICE("values, line ")))
            fail_msg("%s: %.*s", broken[i], GH_FMT(c->problem));
        assert_non_null(c->source);
        assert_true(gh_slice_is(c->trust_domain, "cluster.local"));
    }
    assert_null(config_of(f, "a: 1")->problem.ptr);
}

/* Two control planes in one set of manifests: that in linkerd; one without
 * values is none. */
static void chooses_among_several(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();

    (void)state;
    write_config(f, "zz", "identityTrustDomain: zz.example");
    write_config(f, "linkerd", "identityTrustDomain: l.example");
    write_config(f, "aa", "identityTrustDomain: aa.example");
    assert_true(
        gh_slice_is(gh_mesh_config(f->mesh)->trust_domain, "l.example"));
    fixture_yaml(f, "linkerd",
                 "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "
                 "linkerd-config, namespace: linkerd}\ndata: {x: y}\n");
    assert_true(
        gh_slice_is(gh_mesh_config(f->mesh)->trust_domain, "aa.example"));
    fixture_yaml(f, "aa",
                 "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, "
                 "namespace: linkerd}\ndata: {values: \"a: b\"}\n");
    assert_true(gh_slice_is(gh_mesh_config(f->mesh)->control_plane_ns, "zz"));
}

static void names_default_policies(void **state)
{
    (void)state;
    for (int i = 0; i < GH_DEFAULT_INVALID; i++) {
        enum gh_default_policy p = (enum gh_default_policy)i;

        assert_int_equal(
            gh_default_policy_parse(gh_slice_str(gh_default_policy_name(p))),
            p);
    }
    assert_int_equal(gh_default_policy_parse(GH_SLICE("Deny")),
                     GH_DEFAULT_INVALID);
    assert_int_equal(gh_default_policy_parse(gh_slice_str(NULL)),
                     GH_DEFAULT_INVALID);
    assert_string_equal(gh_default_policy_name(GH_DEFAULT_INVALID), "invalid");
}

/* --- lists of ports, in annotations and in the configuration --- */

static void reads_port_lists(void **state)
{
    static const struct {
        const char *list;
        uint16_t port;
        bool has;
        bool valid;
    } cases[] = {
        {"80", 80, true, true},
        {"80", 81, false, true},
        {"", 80, false, true},
        {" 80 , 443 ", 443, true, true},
        {"80,,443", 443, true, true},
        {"80,", 80, true, true},
        {"1-65535", 65535, true, true},
        {"8000-8999,80", 8999, true, true},
        {"8000 - 8999", 8000, true, true},
        {"+80", 80, true, true},
        {"8999-8000", 8500, false, false},
        {"80,http", 80, false, false},
        {"0,80", 80, false, false},
        {"80,65536", 80, false, false},
        {"80,1-65536", 80, false, false},
        {"80,-1", 80, false, false},
        {"80,1-2-3", 80, false, false},
        {"80;81", 80, false, false},
        {"80.0", 80, false, false},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        bool valid;
        bool has = gh_port_list_has(gh_slice_str(cases[i].list), cases[i].port,
                                    &valid);

        if (has != cases[i].has || valid != cases[i].valid)
            fail_msg("\"%s\" %u: %d %d", cases[i].list, cases[i].port, has,
                     valid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assumes_defaults),
        cmocka_unit_test(reads_every_value),
        cmocka_unit_test(falls_back),
        cmocka_unit_test(says_what_it_cannot_read),
        cmocka_unit_test(chooses_among_several),
        cmocka_unit_test(names_default_policies),
        cmocka_unit_test(reads_port_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
