"""One township: everybody who appears in the tests."""

from types import SimpleNamespace

from tests import factories as f
from tests.remembered import remembered

TOWN = "500110111"


@remembered
def township() -> SimpleNamespace:
    """Leader, inspectors, reviewer, department, village; one firm with five people; the neighbour firm; another town's inspector.

    Firm "factory": plant → department "冲压车间" → team "甲班"; a second team "乙班" with its own leader `team_b`.
    """
    town = f.AreaFactory(code=TOWN, name="石角镇")
    village = f.AreaFactory(code=TOWN + "201", name="刘罗坪村")
    other_village = f.AreaFactory(code=TOWN + "202", name="高石坎村")
    other_town = f.AreaFactory(code="500110112", name="邻镇")
    f.AreaFactory(code="500110112201", name="邻镇村")
    sector = f.SectorFactory()
    other_sector = f.SectorFactory(code="TEXTILE", name="纺织行业", divisions=["17"])
    office = f.DepartmentFactory(code="economy", name="经济发展办公室", area=town)
    office.sectors.add(sector)
    factory = f.EnterpriseFactory(name="重庆石角机械厂", area=village, sector=sector, lead_department=office)
    neighbour = f.EnterpriseFactory(name="重庆邻家纺织厂", area=other_village, sector=other_sector, industry_code="1711")
    abroad = f.EnterpriseFactory(name="邻镇机械厂", area_id="500110112201", sector=sector)
    plant = f.UnitFactory(enterprise=factory)
    workshop = f.UnitFactory(enterprise=factory, kind="department", name="冲压车间", parent=plant)
    team_a = f.UnitFactory(enterprise=factory, kind="team", name="甲班", parent=workshop)
    team_b = f.UnitFactory(enterprise=factory, kind="team", name="乙班", parent=workshop)
    neighbour_plant = f.UnitFactory(enterprise=neighbour)

    def person(username: str, name: str, role: str, **place: object):
        user = f.UserFactory(username=username, name=name)
        f.MembershipFactory(user=user, role=role, **{"enterprise": None, **place})
        return user

    everybody = SimpleNamespace(
        town=town,
        village_area=village,
        office=office,
        sector=sector,
        factory=factory,
        neighbour=neighbour,
        abroad=abroad,
        plant=plant,
        workshop=workshop,
        team_a=team_a,
        team_b_unit=team_b,
        neighbour_plant=neighbour_plant,
        admin=person("admin", "管理员", "admin", area=town),
        leader=person("leader", "镇领导", "leader", area=town),
        inspector=person("inspector", "李执法", "inspector", area=town),
        inspector2=person("inspector2", "王执法", "inspector", area=town),
        reviewer=person("reviewer", "审核员", "reviewer", area=town),
        department=person("department", "经发办", "department", department=office),
        village=person("village", "村安全员", "village", area=village),
        principal=person("principal", "厂长", "principal", enterprise=factory),
        safety=person("safety", "安全员", "safety_manager", enterprise=factory),
        head=person("head", "车间主任", "unit_head", enterprise=factory, unit=workshop),
        team=person("team", "甲班长", "team_leader", enterprise=factory, unit=team_a),
        team_b=person("team_b", "乙班长", "team_leader", enterprise=factory, unit=team_b),
        employee=person("employee", "员工", "employee", enterprise=factory, unit=team_a),
        outsider=person("outsider", "邻厂安全员", "safety_manager", enterprise=neighbour),
        foreign=person("foreign", "邻镇执法", "inspector", area=other_town),
    )
    for officer in (everybody.inspector, everybody.inspector2):
        f.certificate(officer)
    return everybody
