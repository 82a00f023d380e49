// SPDX-License-Identifier: Apache-2.0

package thirdparty

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"
)

// Every package of the list has its text.
func TestWriteLicenses(t *testing.T) {
	var out bytes.Buffer
	if err := WriteLicenses(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	file, err := os.Open("../../docs/licenses.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil || len(records) < 40 {
		t.Fatalf("%d licenses, %v", len(records), err)
	}
	for _, record := range records {
		if name := record[0]; !strings.Contains(text, "\n"+name+": ") {
			t.Errorf("no text for %s", name)
		}
	}
	for _, want := range []string{
		"Go's standard library and runtime: LICENSE\n", "\nmattermost-fn: LICENSE\n", "Apache License\n",
		"Redistribution and use in source and binary forms",
		"Permission is hereby granted, free of charge",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
