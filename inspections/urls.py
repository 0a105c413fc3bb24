"""URLs of inspections: /inspections/ and the tab of the enterprise's file."""

from django.urls import URLPattern, path

from inspections.views import (
    carry,
    desk,
    drafting,
    draw_papers,
    draws,
    entry,
    exports,
    filling,
    measures,
    orders,
    outs,
    overview,
    papers,
    papers_orders,
    papers_plans,
    patrols,
    plan_files,
    plan_items,
    plans,
    pools,
    results,
    transfers,
    violations,
    visits,
)

# The visit.
visit_urlpatterns: list[URLPattern] = [
    path("inspections/", visits.InspectionList.as_view(), name="inspection_list"),
    path("inspections/new/", visits.InspectionNew.as_view(), name="inspection_new"),
    path("inspections/entry/<slug:code>/", entry.InspectionEntry.as_view(), name="inspection_entry"),
    path("inspections/<int:pk>/", visits.InspectionDetail.as_view(), name="inspection_detail"),
    path("inspections/<int:pk>/items/", visits.InspectionItems.as_view(), name="inspection_items"),
    path("inspections/<int:pk>/items/add/", filling.InspectionItemAdd.as_view(), name="inspection_item_add"),
    path("inspections/<int:pk>/fill/", filling.InspectionFill.as_view(), name="inspection_fill"),
    path("inspections/<int:pk>/sign/", filling.InspectionSign.as_view(), name="inspection_sign"),
    path("inspections/<int:pk>/moves/<slug:name>/", visits.InspectionMove.as_view(), name="inspection_move"),
    path("enterprises/<int:pk>/inspections/", visits.EnterpriseInspections.as_view(), name="enterprise_inspections"),
]

# Orders, measures, transfers, violations, papers.
order_urlpatterns: list[URLPattern] = [
    path("inspections/orders/", orders.OrderList.as_view(), name="order_list"),
    path("inspections/orders/<int:pk>/", orders.OrderDetail.as_view(), name="order_detail"),
    path("inspections/orders/<int:pk>/moves/<slug:name>/", orders.OrderMove.as_view(), name="order_move"),
    path("inspections/orders/<int:pk>/papers/order/", papers_orders.OrderPaper.as_view(), name="order_paper"),
    path("inspections/extensions/<int:pk>/papers/", papers_orders.ExtensionPaper.as_view(), name="order_extension_paper"),
    path("inspections/measures/", measures.MeasureList.as_view(), name="measure_list"),
    path("inspections/measures/<int:pk>/", measures.MeasureDetail.as_view(), name="measure_detail"),
    path("inspections/measures/<int:pk>/moves/<slug:name>/", measures.MeasureMove.as_view(), name="measure_move"),
    path("inspections/measures/<int:pk>/papers/decision/", papers_orders.MeasurePaper.as_view(), name="measure_paper"),
    path("inspections/measures/<int:pk>/papers/resume/", papers_orders.ResumePaper.as_view(), name="measure_resume_paper"),
    path("inspections/transfers/<int:pk>/", transfers.TransferDetail.as_view(), name="transfer_detail"),
    path("inspections/transfers/<int:pk>/moves/<slug:name>/", transfers.TransferMove.as_view(), name="transfer_move"),
    path("inspections/transfers/<int:pk>/papers/", papers_orders.TransferPaper.as_view(), name="transfer_paper"),
    path("inspections/violations/", violations.ViolationList.as_view(), name="violation_list"),
    path("inspections/violations/<int:pk>/", violations.ViolationDetail.as_view(), name="violation_detail"),
    path("inspections/violations/<int:pk>/moves/<slug:name>/", violations.ViolationMove.as_view(), name="violation_move"),
    path("inspections/<int:pk>/orders/new/", drafting.OrderNew.as_view(), name="order_new"),
    path("inspections/<int:pk>/measures/new/", drafting.MeasureNew.as_view(), name="measure_new"),
    path("inspections/<int:pk>/transfers/new/", drafting.TransferNew.as_view(), name="transfer_new"),
    path("inspections/<int:pk>/papers/plan/", papers.CheckPlan.as_view(), name="inspection_plan_paper"),
    path("inspections/<int:pk>/papers/notice/", papers.CheckNotice.as_view(), name="inspection_notice"),
    path("inspections/<int:pk>/papers/record/", papers.CheckRecord.as_view(), name="inspection_record_paper"),
    path("inspections/<int:pk>/papers/recheck/", papers.RecheckOpinion.as_view(), name="inspection_recheck_paper"),
    path("inspections/<int:pk>/papers/district/", papers.DistrictReport.as_view(), name="inspection_district_paper"),
]

# The yearly plan and the district's list.
plan_urlpatterns: list[URLPattern] = [
    path("inspections/plans/", plans.YearPlanList.as_view(), name="year_plan_list"),
    path("inspections/plans/new/", plans.YearPlanNew.as_view(), name="year_plan_new"),
    path("inspections/plans/template/", plan_files.PlanTemplate.as_view(), name="year_plan_template"),
    path("inspections/plans/district/", plan_files.DistrictList.as_view(), name="district_list"),
    path("inspections/plans/<int:pk>/", plans.YearPlanDetail.as_view(), name="year_plan_detail"),
    path("inspections/plans/<int:pk>/edit/", plans.YearPlanEdit.as_view(), name="year_plan_edit"),
    path("inspections/plans/<int:pk>/items/", plan_items.YearPlanItems.as_view(), name="year_plan_items"),
    path("inspections/plans/<int:pk>/items/random/", plan_items.RandomItemNew.as_view(), name="year_plan_random"),
    path("inspections/plans/<int:pk>/items/file/", plan_files.PlanFile.as_view(), name="year_plan_file"),
    path("inspections/plans/<int:pk>/items/<int:item>/", plan_items.PlanItemEdit.as_view(), name="plan_item_edit"),
    path("inspections/plans/<int:pk>/items/<int:item>/drop/", plan_items.PlanItemDrop.as_view(), name="plan_item_drop"),
    path("inspections/plans/<int:pk>/candidates/", plan_items.YearPlanCandidates.as_view(), name="year_plan_candidates"),
    path("inspections/plans/<int:pk>/adjust/", plan_items.YearPlanAdjust.as_view(), name="year_plan_adjust"),
    path("inspections/plans/<int:pk>/paper/", papers_plans.YearPlanPaper.as_view(), name="year_plan_paper"),
    path("inspections/plans/<int:pk>/moves/<slug:name>/", plans.YearPlanMove.as_view(), name="year_plan_move"),
]

# Desk, patrols, exports, carry-in.
desk_urlpatterns: list[URLPattern] = [
    path("inspections/overview/", overview.Overview.as_view(), name="inspection_overview"),
    path("inspections/desk/", desk.Desk.as_view(), name="inspection_desk"),
    path("inspections/desk/sheet/", desk.DaySheet.as_view(), name="inspection_day_sheet"),
    path("inspections/patrols/", patrols.PatrolList.as_view(), name="patrol_list"),
    path("inspections/patrols/new/", patrols.PatrolCreate.as_view(), name="patrol_new"),
    path("inspections/patrols/<int:pk>/", patrols.PatrolDetail.as_view(), name="patrol_detail"),
    path("inspections/outside/", patrols.OutsideList.as_view(), name="outside_list"),
    path("inspections/outside/new/", patrols.OutsideCreate.as_view(), name="outside_new"),
    path("inspections/exports/", exports.LayoutList.as_view(), name="district_export"),
    path("inspections/exports/<int:pk>/", exports.LayoutRows.as_view(), name="district_export_rows"),
    path("inspections/exports/<int:pk>/columns/", exports.LayoutEdit.as_view(), name="district_export_layout"),
    path("inspections/carry/", carry.CarryList.as_view(), name="carry_in"),
    path("inspections/carry/templates/<slug:what>/", carry.CarryTemplate.as_view(), name="carry_template"),
    path("inspections/carry/new/<slug:what>/", carry.CarryCreate.as_view(), name="carry_new"),
    path("inspections/carry/<int:pk>/", carry.CarryDetail.as_view(), name="carry_detail"),
    path("inspections/carry/<int:pk>/moves/<slug:name>/", carry.CarryMove.as_view(), name="carry_move"),
    path("enterprises/<int:pk>/patrols/", patrols.EnterprisePatrols.as_view(), name="enterprise_patrols"),
]

# Results on their way to the public.
result_urlpatterns: list[URLPattern] = [
    path("inspections/results/", results.ResultList.as_view(), name="result_list"),
    path("inspections/results/drafts/", results.ResultDrafts.as_view(), name="result_drafts"),
    path("inspections/<int:pk>/result/", results.ResultDraft.as_view(), name="result_draft"),
]

# Draws and the lists behind them.
draw_urlpatterns: list[URLPattern] = [
    path("inspections/draws/", draws.DrawList.as_view(), name="draw_list"),
    path("inspections/draws/new/", draws.DrawNew.as_view(), name="draw_new"),
    path("inspections/draws/<int:pk>/", draws.DrawDetail.as_view(), name="draw_detail"),
    path("inspections/draws/<int:pk>/moves/<slug:name>/", draws.DrawMove.as_view(), name="draw_move"),
    path("inspections/draws/<int:pk>/tickets/", draws.DrawTickets.as_view(), name="draw_tickets"),
    path("inspections/draws/<int:pk>/tickets/<int:pick>/", draws.DrawOfficers.as_view(), name="draw_officers"),
    path("inspections/draws/<int:pk>/papers/record/", draw_papers.DrawRecord.as_view(), name="draw_record_paper"),
    path("inspections/pools/", pools.PoolList.as_view(), name="pool_list"),
    path("inspections/pools/new/", pools.PoolFormView.as_view(), name="pool_new"),
    path("inspections/pools/<int:pk>/", pools.PoolDetail.as_view(), name="pool_detail"),
    path("inspections/pools/<int:pk>/edit/", pools.PoolFormView.as_view(), name="pool_edit"),
    path("inspections/pools/<int:pk>/refresh/", pools.PoolRefresh.as_view(), name="pool_refresh"),
    path("inspections/pools/officers/", pools.OfficerList.as_view(), name="officer_list"),
    path("inspections/pools/officers/refresh/", pools.OfficerRefresh.as_view(), name="officer_refresh"),
    path("inspections/pools/absences/", outs.AbsenceList.as_view(), name="absence_list"),
    path("inspections/pools/absences/new/", outs.AbsenceNew.as_view(), name="absence_new"),
    path("inspections/pools/avoidances/", outs.AvoidanceList.as_view(), name="avoidance_list"),
    path("inspections/pools/avoidances/new/", outs.AvoidanceNew.as_view(), name="avoidance_new"),
    path("inspections/pools/exclusions/", outs.ExclusionList.as_view(), name="exclusion_list"),
    path("inspections/pools/exclusions/new/", outs.ExclusionNew.as_view(), name="exclusion_new"),
    path("inspections/pools/grades/", outs.FirmGradeList.as_view(), name="firm_grade_list"),
    path("inspections/pools/grades/new/", outs.FirmGradeNew.as_view(), name="firm_grade_new"),
    path("inspections/pools/outs/<slug:kind>/<int:pk>/lift/", outs.OutLift.as_view(), name="out_lift"),
]

urlpatterns = [
    *plan_urlpatterns,
    *draw_urlpatterns,
    *desk_urlpatterns,
    *order_urlpatterns,
    *result_urlpatterns,
    *visit_urlpatterns,
]
