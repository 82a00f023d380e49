package generators

import "mattermost-fn/fn/plan"

func fluentBit(p *plan.Plan) []Object { return nil }
