package cli

import "github.com/spf13/cobra"

func (a *app) reportCommand() *cobra.Command { return &cobra.Command{Use: "report", Hidden: true} }
func (a *app) exportCommand() *cobra.Command { return &cobra.Command{Use: "export", Hidden: true} }
func (a *app) doctorCommand() *cobra.Command { return &cobra.Command{Use: "doctor", Hidden: true} }
