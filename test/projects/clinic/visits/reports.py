from .models import Visit


def pharmacy_list():
    """Every drug prescribed in a confirmed visit, once, sorted."""
    return sorted(
        {
            prescription.drug
            for visit in Visit.objects.confirmed()
            for prescription in visit.prescription_set.all()
        }
    )
