"""What linters miss: rules for the template as CloudFormation gets it, after SAM has expanded it and parameters have their values."""
