"""URLs of hazards: /checks/ and /hazards/."""

from django.urls import path

from hazards.views import checks, hazards, items, ledgers, papers, plans, setup

urlpatterns = [
    path("checks/", checks.CheckList.as_view(), name="check_list"),
    path("checks/open/", checks.CheckOpen.as_view(), name="check_open"),
    path("checks/items/", items.OwnItemList.as_view(), name="own_item_list"),
    path("checks/items/new/", items.OwnItemCreate.as_view(), name="own_item_new"),
    path("checks/items/<int:pk>/retire/", items.OwnItemRetire.as_view(), name="own_item_retire"),
    path("checks/<int:pk>/", checks.CheckDetail.as_view(), name="check_detail"),
    path("checks/<int:pk>/fill/", checks.CheckFill.as_view(), name="check_fill"),
    path("checks/<int:pk>/review/", checks.CheckReview.as_view(), name="check_review"),
    path("checks/<int:pk>/moves/<slug:name>/", checks.CheckMove.as_view(), name="check_move"),
    path("checks/<int:pk>/papers/record/", papers.CheckRecord.as_view(), name="check_record"),
    path("enterprises/<int:pk>/papers/", ledgers.Ledgers.as_view(), name="enterprise_ledgers"),
    path("enterprises/<int:pk>/papers/ledger/", ledgers.LedgerPaper.as_view(), name="hazard_ledger"),
    path("enterprises/<int:pk>/papers/ledger/<int:year>/<int:month>/", ledgers.LedgerPaper.as_view(), name="hazard_ledger_month"),
    path("enterprises/<int:pk>/papers/publicity/", ledgers.PublicityPaper.as_view(), name="hazard_publicity"),
    path("enterprises/<int:pk>/papers/publicity/<int:year>/<int:month>/", ledgers.PublicityPaper.as_view(), name="hazard_publicity_month"),
    path("enterprises/<int:pk>/hazards/", hazards.EnterpriseHazards.as_view(), name="enterprise_hazards"),
    path("enterprises/<int:pk>/checks/", checks.EnterpriseChecks.as_view(), name="enterprise_checks"),
    path("enterprises/<int:pk>/plans/setup/", setup.PlanSetup.as_view(), name="plan_setup"),
    path("hazards/", hazards.HazardList.as_view(), name="hazard_list"),
    path("hazards/report/", hazards.HazardReport.as_view(), name="hazard_report"),
    path("hazards/plans/", plans.PlanList.as_view(), name="fix_plan_list"),
    path("hazards/plans/<int:pk>/", plans.PlanDetail.as_view(), name="fix_plan_detail"),
    path("hazards/plans/<int:pk>/moves/<slug:name>/", plans.PlanMove.as_view(), name="fix_plan_move"),
    path("hazards/plans/<int:pk>/papers/plan/", papers.PlanPaper.as_view(), name="fix_plan_paper"),
    path("hazards/papers/notices/", ledgers.NoticeBatch.as_view(), name="hazard_notices"),
    path("hazards/<int:pk>/papers/notice/", papers.HazardNotice.as_view(), name="hazard_notice"),
    path("hazards/<int:pk>/papers/report/", papers.MajorReportPaper.as_view(), name="major_report"),
    path("hazards/<int:pk>/papers/district/", papers.DistrictReportPaper.as_view(), name="major_report_district"),
    path("hazards/<int:pk>/papers/recheck/", papers.RecheckOpinion.as_view(), name="recheck_opinion"),
    path("hazards/<int:pk>/", hazards.HazardDetail.as_view(), name="hazard_detail"),
    path("hazards/<int:pk>/moves/<slug:name>/", hazards.HazardMove.as_view(), name="hazard_move"),
]
