// SPDX-License-Identifier: Apache-2.0

// Client connects to PostgreSQL as the Mattermost server does, with the variables of containers and nothing else. It
// reads containers in JSON and prints for each the connections that it opened.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/lib/pq"
)

// A container is what the client gets of one.
type container struct {
	Env   map[string]string
	Hosts map[string]string // where a host and port lead; no other is known
	Only  string            // the one variable to connect with, every one where empty
	Show  string            // a setting that PostgreSQL shows, none where empty
}

// A connection is one that the server opens.
type connection struct {
	Variable string // that holds the connection string
	Library  string // version of lib/pq
	Dialed   string // host and port

	// What PostgreSQL says of it.
	User, Database, Shown string
	TLS                   bool

	Error string `json:",omitempty"`
}

// The server's variables (server/config/database.go, server/channels/store/sqlstore/store.go).
const (
	config   = "MM_CONFIG"
	source   = "MM_SQLSETTINGS_DATASOURCE"
	replicas = "MM_SQLSETTINGS_DATASOURCEREPLICAS"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var containers []container
	if err := json.NewDecoder(os.Stdin).Decode(&containers); err != nil {
		return err
	}
	all := make([][]connection, len(containers))
	for at, c := range containers {
		// lib/pq reads variables of its own, so the process has what the container has.
		os.Clearenv()
		for name, value := range c.Env {
			if err := os.Setenv(name, value); err != nil {
				return err
			}
		}
		for _, source := range connections() {
			if c.Only == "" || source.variable == c.Only {
				all[at] = append(all[at], source.open(c.Hosts, c.Show))
			}
		}
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

// A dataSource is a variable and one connection string in it.
type dataSource struct{ variable, driver, dsn string }

// connections are those of the server: that to its configuration, whose scheme it takes as the name of the driver, that
// to its data, whose driver is always postgres, and those to the read replicas, which spaces separate.
func connections() []dataSource {
	driver, _, _ := strings.Cut(os.Getenv(config), "://")
	list := []dataSource{{config, driver, os.Getenv(config)}, {source, "postgres", os.Getenv(source)}}
	if all := os.Getenv(replicas); all != "" {
		for _, dsn := range strings.Split(all, " ") {
			list = append(list, dataSource{replicas, "postgres", dsn})
		}
	}
	return list
}

func (d dataSource) open(hosts map[string]string, show string) connection {
	answer := connection{Variable: d.variable, Library: library()}
	if err := answer.ask(d, hosts, show); err != nil {
		answer.Error = err.Error()
	}
	return answer
}

func library() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/lib/pq" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return ""
}

const question = `SELECT current_user, current_database(), (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()),
	coalesce(current_setting(NULLIF($1, ''), true), '')`

func (c *connection) ask(d dataSource, hosts map[string]string, show string) error {
	// As the server opens it. Nothing is dialed yet.
	unused, err := sql.Open(d.driver, d.dsn)
	if err != nil {
		return err
	}
	defer unused.Close()

	connector, err := pq.NewConnector(d.dsn)
	if err != nil {
		return err
	}
	connector.Dialer(&dialer{hosts: hosts, dialed: &c.Dialed})
	db := sql.OpenDB(connector)
	defer db.Close()
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return db.QueryRowContext(ctx, question, show).Scan(&c.User, &c.Database, &c.TLS, &c.Shown)
}

// A dialer replaces the cluster's name service: TLS still sees the name that the connection string has.
type dialer struct {
	hosts  map[string]string
	dialed *string
}

// Dial implements pq.Dialer.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout implements pq.Dialer.
func (d *dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext implements pq.DialerContext.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	*d.dialed = address
	at, known := d.hosts[address]
	if !known {
		return nil, fmt.Errorf("no such host: %s %s", network, address)
	}
	var plain net.Dialer
	return plain.DialContext(ctx, network, at)
}
