// SPDX-License-Identifier: Apache-2.0

// Package sdk embeds mattermost-fn in Go programs that run functions: Process is the function for the kpt functions
// SDK, which Porch's built-in runtime and chains of functions use, ProcessFramework for kyaml's framework.
//
// Both differ from the program mattermost-fn in one point: the SDK and kyaml read and write the objects, so that these
// are formatted, and by the SDK sorted, as they do it.
package sdk
