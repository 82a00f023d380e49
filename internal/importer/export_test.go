// SPDX-License-Identifier: Apache-2.0

package importer

import "sort"

// Lookup returns class and text of a row of the table, for tests.
func Lookup(name, key string) (class, text string, ok bool) {
	for s, names := range sources {
		if names[0] == name {
			row, known := s.lookup(key)
			return string(row.class), row.text, known
		}
	}
	return "", "", false
}

// Rows returns the rows of the table as source, key, class and text, for tests.
func Rows() [][4]string {
	var all [][4]string
	for s, rows := range keyRows() {
		for key, row := range rows {
			all = append(all, [4]string{sources[s][0], key, string(row.class), row.text})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i][0]+all[i][1] < all[j][0]+all[j][1] })
	return all
}

// SettingFields returns the fields of the configuration by the setting that they set, for tests.
func SettingFields() map[string]string {
	fields := map[string]string{}
	for setting, field := range settingFields() {
		fields[setting] = field.field
	}
	return fields
}
